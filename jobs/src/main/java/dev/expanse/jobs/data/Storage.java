package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Hadoop paths ({@code file:}, {@code hdfs:}, {@code s3a:}), read and written whole. */
public final class Storage {
  private final Configuration hadoop;

  /** Files that {@code hadoop} reaches; a path without a scheme is on its default file system. */
  public Storage(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * A path as a user gave it.
   *
   * @param option what the user gave it for
   * @throws InvalidInputException if it is no path
   */
  public static Path path(String option, String text) {
    try {
      return new Path(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          option + " = " + text + ": expected a path: " + firstLine(e), e);
    }
  }

  /**
   * The file system of a path.
   *
   * @throws InvalidInputException if Hadoop knows none
   */
  public FileSystem fileSystem(Path path) {
    try {
      return path.getFileSystem(hadoop);
    } catch (IOException
        | RuntimeException e) { // Hadoop says so of a scheme or host it doesn't know
      throw new InvalidInputException(
          path + ": expected a path that Hadoop can open: " + firstLine(e), e);
    }
  }

  /**
   * The file system of a path, without the checksums that Hadoop keeps in files beside local ones.
   *
   * @throws InvalidInputException if Hadoop knows none
   */
  public FileSystem rawFileSystem(Path path) {
    var files = fileSystem(path);
    return files instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : files;
  }

  /**
   * A path as processes elsewhere need it: with what it leaves to the default file system and to
   * the folder that this process was started in.
   *
   * @throws InvalidInputException if Hadoop knows no file system of its scheme
   */
  public Path qualified(Path path) {
    return fileSystem(path).makeQualified(path);
  }

  /** True if there is a file or folder. */
  public boolean exists(Path path) {
    try {
      return fileSystem(path).exists(path);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** True if there is a folder of that name. */
  public boolean isFolder(Path path) {
    try {
      return exists(path) && fileSystem(path).getFileStatus(path).isDirectory();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * The text of a file.
   *
   * @throws InvalidInputException if there is none
   */
  public String read(Path path) {
    // a text that a user has edited no longer has the checksum that Hadoop keeps beside it
    try (var in = rawFileSystem(path).open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(path + ": no such file", e);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * Makes sure that something can be written under a name, or into the folder that has it, before
   * work is done for it.
   *
   * @throws InvalidInputException if not
   */
  public void requireWritable(Path path) {
    var probe = aside(isFolder(path) ? new Path(path, "probe") : path);
    write(probe, new byte[0]);
    delete(probe);
  }

  /** Writes a new file or replaces one; a reader never sees a part of it. */
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
      throw failed(path, e);
    }
  }

  /** What a file is to contain. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a new file or replaces one. It gets its name when it is whole and on disk, as far as the
   * file system can say so (local disks and HDFS can; an object store has it once it is closed). A
   * process that is killed leaves what it wrote {@link #aside}.
   */
  public void writeDurably(Path path, Content content) {
    var files = rawFileSystem(path); // Hadoop's checksummed one does not flush to disk
    var aside = aside(path);
    try {
      try (var out = DurableFile.create(files, aside)) {
        content.writeTo(out);
        DurableFile.flush(out);
      }
      if (files.exists(path)) {
        files.delete(path, false);
      }
      rename(aside, path);
      DurableFile.flushName(files, path);
    } catch (IOException e) {
      throw failed(path, e);
    } finally {
      delete(aside);
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
      if (exists(to) || !fileSystem(from).rename(from, to)) {
        throw new InvalidInputException(
            to + ": cannot be written, something of that name is there");
      }
    } catch (IOException e) {
      throw failed(to, e);
    }
  }

  /** Deletes a file or folder with all that is in it; nothing where there is none. */
  public void delete(Path path) {
    try {
      fileSystem(path).delete(path, true);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** What a user is told if {@code path} could not be read or written. */
  public static InvalidInputException failed(Path path, IOException e) {
    return new InvalidInputException(path + ": cannot be read or written: " + firstLine(e), e);
  }

  private static String firstLine(Exception e) {
    return Optional.ofNullable(e.getMessage())
        .flatMap(message -> message.lines().findFirst())
        .orElse(e.toString());
  }
}
