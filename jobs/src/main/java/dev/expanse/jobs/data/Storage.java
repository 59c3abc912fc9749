package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;

/** Hadoop paths ({@code file:}, {@code hdfs:}, {@code s3a:}), read and written whole. */
public final class Storage {
  private final Configuration hadoop;

  /** Files that {@code hadoop} reaches; a path without a scheme is on its default file system. */
  public Storage(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /** The file system of a path. */
  public FileSystem fileSystem(Path path) {
    try {
      return path.getFileSystem(hadoop);
    } catch (IOException e) {
      throw new InvalidInputException(
          path + ": expected a path that Hadoop can open: " + e.getMessage(), e);
    }
  }

  /** True if there is a file or folder. */
  public boolean exists(Path path) {
    try {
      return fileSystem(path).exists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The text of a file.
   *
   * @throws InvalidInputException if there is none
   */
  public String read(Path path) {
    try (var in = fileSystem(path).open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(path + ": no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a new file or replaces one; a reader sees the old or the new one, never a part. */
  public void write(Path path, byte[] bytes) {
    var files = fileSystem(path);
    var aside = aside(path);
    try {
      try (var out = files.create(aside, true)) {
        out.write(bytes);
      }
      if (files.exists(path)) {
        files.delete(path, false);
      }
      rename(aside, path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A fresh name beside {@code path}, to write under before {@link #rename}. */
  public static Path aside(Path path) {
    return new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID());
  }

  /**
   * Gives what was written aside its name.
   *
   * @throws InvalidInputException if the name is taken
   */
  public void rename(Path from, Path to) {
    try {
      if (!fileSystem(from).rename(from, to)) {
        throw new InvalidInputException(
            to + ": cannot be written, something of that name is there");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes a file or folder with all that is in it; nothing where there is none. */
  public void delete(Path path) {
    try {
      fileSystem(path).delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies a file of this machine. */
  public void copyFromLocal(java.nio.file.Path local, Path path) {
    try {
      FileUtil.copy(local.toFile(), fileSystem(path), path, false, hadoop);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
