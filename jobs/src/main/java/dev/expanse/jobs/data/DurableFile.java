package dev.expanse.jobs.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps by which a file gets to disk, and not only into the system's memory. */
final class DurableFile {
  private static final Logger LOG = LoggerFactory.getLogger(DurableFile.class);
  private static final int BUFFER_BYTES = 1 << 16;

  private DurableFile() {}

  static FSDataOutputStream create(FileSystem files, Path path) throws IOException {
    short replicas = files.getDefaultReplication(path);
    long block = files.getDefaultBlockSize(path);
    if (files instanceof RawLocalFileSystem) { // starts a process for each file to set permissions
      return files.create(path, true, BUFFER_BYTES, replicas, block, null);
    }
    return files.create(
        path,
        FsPermission.getFileDefault(),
        // HDFS flushes a block that is full only if it is told when the file is made
        EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE, CreateFlag.SYNC_BLOCK),
        BUFFER_BYTES,
        replicas,
        block,
        null);
  }

  static void flush(FSDataOutputStream out) throws IOException {
    if (out.hasCapability(StreamCapabilities.HSYNC)) {
      out.hsync();
    }
  }

  /** Flushes the folder in which a local file has got its name; HDFS's name node does so itself. */
  static void flushName(FileSystem files, Path path) {
    if (files instanceof RawLocalFileSystem local) {
      var folder = local.pathToFile(path.getParent()).toPath();
      try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      } catch (IOException e) { // not every file system has folders that can be flushed
        LOG.warn("{}: cannot be flushed to disk: {}", folder, e.toString());
      }
    }
  }
}
