package dev.expanse.jobs.results;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * Local files under the scheme {@code trial}, whose changes are counted: something may happen
 * before the n-th of them, such as the death of the process, after which nothing changes any more.
 */
public final class TrialFileSystem extends RawLocalFileSystem {
  private static final AtomicInteger CHANGES = new AtomicInteger();
  private static volatile int moment;
  private static volatile Runnable event;
  private static volatile boolean dead;

  /** Makes {@code trial:} known. */
  static void register(Configuration hadoop) {
    hadoop.set("fs.trial.impl", TrialFileSystem.class.getName());
  }

  static org.apache.hadoop.fs.Path path(Path local) {
    return new org.apache.hadoop.fs.Path("trial", null, local.toString());
  }

  /** Counts from nought; nothing happens. */
  static void count() {
    arrange(0, () -> {});
  }

  /** Nothing changes from the n-th change on. */
  static void dieAt(int n) {
    arrange(n, () -> dead = true);
  }

  /** Lets something happen before the n-th change. */
  static void arrange(int n, Runnable what) {
    dead = false;
    CHANGES.set(0);
    event = what;
    moment = n;
  }

  /** How many changes there were since. */
  static int changes() {
    return CHANGES.get();
  }

  private static void change() throws IOException {
    if (CHANGES.incrementAndGet() == moment) {
      event.run();
    }
    if (dead) {
      throw new IOException("killed at change " + moment);
    }
  }

  @Override
  public String getScheme() {
    return "trial";
  }

  @Override
  public URI getUri() {
    return URI.create("trial:///");
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path f,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    change();
    return super.create(f, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path f,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    change();
    return super.create(f, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public boolean rename(org.apache.hadoop.fs.Path src, org.apache.hadoop.fs.Path dst)
      throws IOException {
    change();
    return super.rename(src, dst);
  }

  @Override
  public boolean delete(org.apache.hadoop.fs.Path p, boolean recursive) throws IOException {
    change();
    return super.delete(p, recursive);
  }
}
