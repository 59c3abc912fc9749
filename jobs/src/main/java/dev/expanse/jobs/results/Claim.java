package dev.expanse.jobs.results;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Whose turn it is to compact a table: the last one's that asked. One that was killed blocks nobody
 * that way, and one that has been overtaken finds out before it changes anything.
 */
record Claim(Storage storage, FileSystem files, Path folder, String id) {
  private static final String FILE = "claim";

  static Claim take(Storage storage, FileSystem files, Path table) {
    var claim = new Claim(storage, files, Manifest.folder(table), UUID.randomUUID().toString());
    storage.write(new Path(claim.folder, FILE), claim.id.getBytes(StandardCharsets.UTF_8));
    return claim;
  }

  /** Deletes all that others have left unfinished. */
  void clear() throws IOException {
    for (var file : files.listStatus(folder)) {
      if (!file.getPath().getName().equals(FILE)) {
        storage.delete(file.getPath());
      }
    }
  }

  /**
   * Makes sure that nobody has asked since.
   *
   * @throws InvalidInputException if somebody has
   */
  void requireMine() {
    if (!storage.read(new Path(folder, FILE)).equals(id)) {
      throw InvalidInputException.of(
          "%s: expected to be compacted by one process at a time, another has begun since",
          folder.getParent());
    }
  }
}
