package dev.expanse.jobs.checkpoint;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints in a folder, each a file {@code round-0000001234.checkpoint} that says itself how
 * good it is, so that no moment at which a process is killed loses the latest or the best one.
 *
 * <p>One process may write to a folder at a time; two at once are not supported: they would remove
 * what the other is about to write. Any number may read.
 */
public final class CheckpointFolder {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
  private static final Pattern NAME = Pattern.compile("round-(\\d{10,18})\\.checkpoint");
  private static final String LEFTOVER = ".round-";

  /** The best first: the highest score, of equals the earliest; NaN is worse than all numbers. */
  private static final Comparator<CheckpointHeader> BEST =
      Comparator.comparingDouble((CheckpointHeader header) -> -rank(header))
          .thenComparingLong(CheckpointHeader::round);

  private final Storage storage;
  private final Path folder;
  private final int last;

  /**
   * What the writer knows of the files: the header of one that is whole, empty for a damaged one.
   */
  private final Map<String, Optional<CheckpointHeader>> known = new HashMap<>();

  /** A folder, which the first write makes, of which no checkpoint is deleted. */
  public CheckpointFolder(Storage storage, Path folder) {
    this(storage, folder, Integer.MAX_VALUE);
  }

  private CheckpointFolder(Storage storage, Path folder, int last) {
    this.storage = storage;
    this.folder = folder;
    this.last = last;
  }

  /** The same folder, of which a write keeps the last {@code last} checkpoints and the best one. */
  public CheckpointFolder keep(int last) {
    if (last < 1) {
      throw new IllegalArgumentException("last = " + last + ", expected 1 or more");
    }
    return new CheckpointFolder(storage, folder, last);
  }

  /** Where the checkpoints are. */
  public Path path() {
    return folder;
  }

  /** As {@link #write(Checkpoint, OptionalDouble)}, of a checkpoint that has no score. */
  public void write(Checkpoint checkpoint) {
    write(checkpoint, OptionalDouble.empty());
  }

  /**
   * Writes a checkpoint, and when it is on disk deletes those that need not be kept. What earlier
   * writers that were killed left unfinished is removed first; a damaged file of the same round is
   * replaced.
   *
   * @param score how good it is; higher is better
   * @throws InvalidInputException if the folder has a whole checkpoint of that round or a later one
   */
  public void write(Checkpoint checkpoint, OptionalDouble score) {
    removeLeftovers();
    newestWhole()
        .filter(newest -> newest.round() >= checkpoint.round())
        .ifPresent(
            newest -> {
              throw InvalidInputException.of(
                  "%s: has a checkpoint of round %d, expected none from round %d on",
                  folder, newest.round(), checkpoint.round());
            });
    var name = String.format(Locale.ROOT, "round-%010d.checkpoint", checkpoint.round());
    storage.writeDurably(
        new Path(folder, name), out -> CheckpointWriter.write(checkpoint, score, out));
    known.put(name, Optional.of(CheckpointHeader.of(checkpoint, score)));
    deleteOld();
  }

  /** The newest checkpoint that is whole; a warning names each damaged one that is newer. */
  public Optional<Checkpoint> latest() {
    return checkpoints().stream().flatMap(file -> read(file).stream()).findFirst();
  }

  /** The round of the newest checkpoint that is whole; empty without one. */
  public OptionalLong newestRound() {
    return newestWhole().stream().mapToLong(CheckpointHeader::round).findFirst();
  }

  /** Of the whole checkpoints that have a score the best one; a warning names damaged ones. */
  public Optional<Checkpoint> best() {
    var scored = new HashMap<CheckpointHeader, FileStatus>();
    for (var file : checkpoints()) {
      inspect(file, CheckpointReader::header)
          .filter(header -> header.score().isPresent())
          .ifPresent(header -> scored.put(header, file));
    }
    return scored.keySet().stream()
        .sorted(BEST)
        .flatMap(header -> read(scored.get(header)).stream())
        .findFirst();
  }

  private Optional<Checkpoint> read(FileStatus file) {
    return inspect(file, CheckpointReader::read);
  }

  private Optional<CheckpointHeader> newestWhole() {
    return checkpoints().stream().flatMap(file -> whole(file).stream()).findFirst();
  }

  private void deleteOld() {
    if (last == Integer.MAX_VALUE) {
      return;
    }
    var files = checkpoints();
    var newest = files.stream().filter(file -> whole(file).isPresent()).limit(last).toList();
    if (newest.size() < last) {
      return;
    }
    var kept = new HashSet<>(newest);
    files.stream()
        .filter(file -> whole(file).flatMap(header -> boxed(header.score())).isPresent())
        .min(Comparator.comparing(file -> whole(file).orElseThrow(), BEST))
        .ifPresent(kept::add);
    long oldest = round(newest.get(newest.size() - 1));
    for (var file : files) {
      // a damaged one that is newer may have been read by someone, who is told of it till then
      if (round(file) < oldest && !kept.contains(file)) {
        storage.delete(file.getPath());
        known.remove(file.getPath().getName());
      }
    }
  }

  /** The header of a file that is whole; a file is read once to find out. */
  private Optional<CheckpointHeader> whole(FileStatus file) {
    return known.computeIfAbsent(
        file.getPath().getName(),
        name ->
            inspect(
                file,
                reader -> {
                  reader.check();
                  return reader.header();
                }));
  }

  /** What is asked of a reader. */
  @FunctionalInterface
  private interface Question<T> {
    T ask(CheckpointReader reader) throws IOException;
  }

  private <T> Optional<T> inspect(FileStatus file, Question<T> question) {
    var path = file.getPath();
    try (var reader = new CheckpointReader(storage.rawFileSystem(path), file)) {
      if (reader.header().round() != round(file)) {
        throw new DamagedCheckpointException("it is of round " + reader.header().round());
      }
      return Optional.of(question.ask(reader));
    } catch (DamagedCheckpointException e) {
      LOG.warn("{}: a damaged checkpoint, left out: {}", path, e.getMessage());
      return Optional.empty();
    } catch (IOException e) {
      throw Storage.failed(path, e);
    }
  }

  /** The checkpoints' files, the newest first. */
  private List<FileStatus> checkpoints() {
    return files().stream()
        .filter(file -> NAME.matcher(file.getPath().getName()).matches())
        .sorted(Comparator.comparingLong(CheckpointFolder::round).reversed())
        .toList();
  }

  private void removeLeftovers() {
    for (var file : files()) {
      if (file.getPath().getName().startsWith(LEFTOVER)) {
        storage.delete(file.getPath());
      }
    }
  }

  private List<FileStatus> files() {
    try {
      return Arrays.stream(storage.rawFileSystem(folder).listStatus(folder))
          .filter(FileStatus::isFile)
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw Storage.failed(folder, e);
    }
  }

  private static long round(FileStatus file) {
    var name = NAME.matcher(file.getPath().getName());
    if (!name.matches()) {
      throw new IllegalArgumentException(file.getPath() + " is no checkpoint's name");
    }
    return Long.parseLong(name.group(1));
  }

  private static Optional<Double> boxed(OptionalDouble score) {
    return score.isPresent() ? Optional.of(score.getAsDouble()) : Optional.empty();
  }

  private static double rank(CheckpointHeader header) {
    double score = header.score().orElseThrow();
    return Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score;
  }
}
