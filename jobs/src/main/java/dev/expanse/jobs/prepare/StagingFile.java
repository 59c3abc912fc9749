package dev.expanse.jobs.prepare;

import dev.expanse.jobs.data.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/** Images one after another in a file of the staging folder, which is there once there is one. */
final class StagingFile implements Closeable {
  private final Storage storage;
  private final Path file;
  private FSDataOutputStream out;

  private StagingFile(Storage storage, Path file) {
    this.storage = storage;
    this.file = file;
  }

  /** A new file, which is whole when the Spark task that asks for it has ended. */
  static StagingFile ofTask(Storage storage, String folder) {
    var staging = new StagingFile(storage, new Path(folder, UUID.randomUUID().toString()));
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> staging.close());
    return staging;
  }

  /** Adds an image and tells where it is. */
  ImageRef add(ImageRef image, byte[] bytes) {
    try {
      if (out == null) {
        out = storage.fileSystem(file).create(file, false);
      }
      long offset = out.getPos();
      out.write(bytes);
      return new ImageRef(
          image.name(), image.split(), image.className(), file.toString(), offset, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
