package dev.expanse.jobs.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/**
 * What one compaction of a table has merged: a JSON file in {@code <table>/_compaction}, which
 * Spark does not take for a part of the table. As long as it is there the files that it replaces do
 * not count, whether they are there or not. It stays until the next compaction, for readers that
 * listed the table before.
 *
 * @param id names the manifest, and the folder aside in which the merged files were written
 * @param merged the merged files
 */
record Manifest(String id, List<Merged> merged) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ENDING = ".json";

  /**
   * A merged file.
   *
   * @param run the run it belongs to
   * @param file its name
   * @param replaces the names of the files whose rows are in it and those of the run that follow
   */
  record Merged(String run, String file, List<String> replaces) {
    private Path aside(Path table, String id) {
      return new Path(Manifest.aside(table, id), run + "/" + file);
    }

    private Path target(Path table) {
      return new Path(table, ResultTable.RUN + run + "/" + file);
    }

    private List<Path> replacedPaths(Path table) {
      return replaces.stream().map(name -> new Path(target(table).getParent(), name)).toList();
    }
  }

  /** Where the manifests of a table are. */
  static Path folder(Path table) {
    return new Path(table, "_compaction");
  }

  /** Where a compaction writes. */
  static Path aside(Path table, String id) {
    return new Path(folder(table), id);
  }

  /** The manifests of a table. */
  static List<Manifest> all(Storage storage, Path table) {
    var manifests = new ArrayList<Manifest>();
    try {
      for (var file : storage.fileSystem(table).listStatus(folder(table))) {
        var name = file.getPath().getName();
        if (name.endsWith(ENDING) && !name.startsWith(".")) {
          manifests.add(read(storage, file.getPath()));
        }
      }
    } catch (FileNotFoundException e) {
      return List.of(); // never compacted
    } catch (IOException e) {
      throw Storage.failed(folder(table), e);
    }
    return manifests;
  }

  private static Manifest read(Storage storage, Path file) {
    try {
      return JSON.readValue(storage.read(file), Manifest.class);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(file + ": expected what a compaction has written", e);
    }
  }

  Path file(Path table) {
    return new Path(folder(table), id + ENDING);
  }

  /** The names of all files that count no more. */
  Set<String> replaced() {
    var names = new HashSet<String>();
    merged.forEach(file -> names.addAll(file.replaces()));
    return names;
  }

  /** Where a merged file is now; nowhere if somebody has deleted it since. */
  Optional<Path> place(Storage storage, Path table, Merged file) {
    return Stream.of(file.aside(table, id), file.target(table)).filter(storage::exists).findFirst();
  }

  /** Makes sure that nobody has removed any of the files before their rows count as merged. */
  void requireCurrent(Storage storage, Path table) {
    for (var file : merged) {
      for (var replaced : file.replacedPaths(table)) {
        if (!storage.exists(replaced)) {
          throw InvalidInputException.of(
              "%s: was removed while it was being merged, expected nobody else to do so", replaced);
        }
      }
    }
  }

  /** Lets it count: all at once. */
  void commit(Storage storage, Path table) {
    try {
      var json = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
      storage.write(file(table), json.getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a manifest", e);
    }
  }

  /** Does what is still to be done after it counts; nothing if all was done. */
  void finish(Storage storage, Path table) {
    if (!storage.exists(aside(table, id))) {
      return;
    }
    // first all names, so that at no moment a row is missing, whoever reads the table
    for (var file : merged) {
      var aside = file.aside(table, id);
      if (storage.exists(aside)) {
        storage.rename(aside, file.target(table));
      } else if (!storage.exists(file.target(table))) {
        throw InvalidInputException.of(
            "%s: is gone, expected the rows that %s names", file.target(table), file(table));
      }
    }
    for (var file : merged) {
      file.replacedPaths(table).forEach(storage::delete);
    }
    storage.delete(aside(table, id));
  }
}
