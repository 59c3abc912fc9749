package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/** Reads images one after another; the file of the last one stays open, for an archive has many. */
final class ByteRanges implements Closeable {
  private final Storage storage;
  private String file;
  private FSDataInputStream open;

  ByteRanges(Storage storage) {
    this.storage = storage;
  }

  /** One that is closed when the Spark task that asks for it ends. */
  static ByteRanges ofTask(Storage storage) {
    var ranges = new ByteRanges(storage);
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> ranges.close());
    return ranges;
  }

  /**
   * The bytes of an image.
   *
   * @throws InvalidInputException if they cannot be read; that is not the image's fault
   */
  byte[] read(ImageRef image) {
    var bytes = new byte[Math.toIntExact(image.length())];
    try {
      if (!image.file().equals(file)) {
        release();
        var path = new Path(image.file());
        open = storage.fileSystem(path).open(path);
        file = image.file();
      }
      open.seek(image.offset());
      open.readFully(bytes);
      return bytes;
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s: %s cannot be read: %s".formatted(image.file(), image.name(), e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      release();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void release() throws IOException {
    file = null;
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
