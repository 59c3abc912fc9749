package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.utils.BoundedInputStream;
import org.apache.hadoop.fs.Path;

/** What is in a tar archive, read from its headers alone: what lies between them is skipped. */
final class TarIndex {
  private static final int BLOCK = 512;

  private TarIndex() {}

  /**
   * A file in an archive.
   *
   * @param name its path in the archive, without {@code ./}
   * @param archive the Hadoop path of the archive
   * @param offset where its bytes begin in the archive
   * @param length how many bytes it has
   */
  record Member(String name, String archive, long offset, long length) implements Serializable {
    /** The last part of its path. */
    String fileName() {
      return name.substring(name.lastIndexOf('/') + 1);
    }
  }

  /**
   * The files of an archive in their order, without hidden ones.
   *
   * @throws InvalidInputException if it is no tar archive, or cut off
   */
  static List<Member> of(Storage storage, Path archive) {
    try {
      long length = storage.fileSystem(archive).getFileStatus(archive).getLen();
      return of(storage, new Member(archive.getName(), archive.toString(), 0, length));
    } catch (IOException e) {
      throw failed(archive.toString(), e);
    }
  }

  /** The files of an archive that is itself in an archive. */
  static List<Member> of(Storage storage, Member nested) {
    var path = new Path(nested.archive());
    var members = new ArrayList<Member>();
    long end = 0;
    try (var in = storage.fileSystem(path).open(path)) {
      in.seek(nested.offset());
      var tar = new TarArchiveInputStream(new BoundedInputStream(in, nested.length()));
      for (var entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
        long size = entry.isDirectory() ? 0 : entry.getSize();
        long begin = tar.getBytesRead();
        end = begin + (size + BLOCK - 1) / BLOCK * BLOCK;
        var parts = parts(entry.getName());
        if (!entry.isDirectory() && parts.stream().noneMatch(part -> part.startsWith("."))) {
          var name = String.join("/", parts);
          members.add(new Member(name, nested.archive(), nested.offset() + begin, size));
        }
      }
      if (end + BLOCK > nested.length()) { // an archive ends with empty blocks
        throw new EOFException("it is cut off");
      }
      return members;
    } catch (IOException | IllegalArgumentException e) {
      throw failed(
          nested.offset() == 0 ? nested.archive() : nested.archive() + ": " + nested.name(), e);
    }
  }

  private static List<String> parts(String name) {
    return Arrays.stream(name.split("/")).filter(part -> !part.matches("\\.?")).toList();
  }

  private static InvalidInputException failed(String archive, Exception e) {
    return new InvalidInputException(
        archive + ": expected a whole tar archive: " + e.getMessage(), e);
  }
}
