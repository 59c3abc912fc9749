package dev.expanse.jobs.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
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

  /** A new file, under a name that nothing has. */
  static FSDataOutputStream create(FileSystem files, Path path) throws IOException {
    if (files instanceof RawLocalFileSystem local) {
      // what it creates gets the usual permissions, from a process that it starts for each file
      var file = local.pathToFile(path).toPath();
      Files.createDirectories(file.getParent());
      Files.createFile(file);
      return files.append(path, BUFFER_BYTES);
    }
    return files.create(
        path,
        FsPermission.getFileDefault(),
        // HDFS flushes a block that is full only if it is told when the file is made
        EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE, CreateFlag.SYNC_BLOCK),
        BUFFER_BYTES,
        files.getDefaultReplication(path),
        files.getDefaultBlockSize(path),
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
