package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** A kind of input. */
sealed interface Source permits ClassFolders, ImageNetArchives, ParquetDataset, TarArchive {

  /**
   * What a source has.
   *
   * @param images every image of a class that is asked for
   * @param order class ids in the order of the labels that the source has given them already; empty
   *     if it has none
   * @param names what the source calls its classes, by id
   */
  record Listing(List<ImageRef> images, List<String> order, Map<String, String> names) {
    Listing(List<ImageRef> images) {
      this(images, List.of(), Map.of());
    }
  }

  /**
   * Finds the images.
   *
   * @param classes those that are asked for
   * @throws InvalidInputException if the source is not laid out as its kind is
   */
  Listing list(Workplace at, ClassList classes);

  /** The class list that is taken if the user names none. */
  default ClassList usualClasses() {
    return ClassList.ALL;
  }

  /**
   * Tells what kind of input is at a path.
   *
   * @param devkit where ImageNet's devkit is, if it is not beside the archives
   * @throws InvalidInputException if nothing is there, or a file that is no archive
   */
  static Source at(Storage storage, Path input, Optional<Path> devkit) {
    if (!storage.exists(input)) {
      throw InvalidInputException.of("input = %s: no such folder", input);
    }
    try {
      var status = storage.fileSystem(input).getFileStatus(input);
      var children = storage.fileSystem(input).listStatus(input);
      return status.isDirectory() ? folder(storage, input, children, devkit) : file(input);
    } catch (IOException e) {
      throw new InvalidInputException(
          "input = %s: cannot be read: %s".formatted(input, e.getMessage()), e);
    }
  }

  private static Source file(Path input) {
    var name = input.getName().toLowerCase(Locale.ROOT);
    boolean gzipped = name.endsWith(".tar.gz") || name.endsWith(".tgz");
    if (!gzipped && !name.endsWith(".tar")) {
      throw InvalidInputException.of(
          "input = %s: expected a folder, or a file ending in .tar, .tar.gz or .tgz", input);
    }
    return new TarArchive(input, gzipped);
  }

  private static Source folder(
      Storage storage, Path input, FileStatus[] children, Optional<Path> devkit)
      throws IOException {
    var names = Arrays.stream(children).map(child -> child.getPath().getName()).toList();
    if (names.contains(ImageNetArchives.TRAIN) || names.contains(ImageNetArchives.VALIDATION)) {
      return new ImageNetArchives(input, devkit);
    }
    if (devkit.isPresent()) {
      throw InvalidInputException.of(
          "--devkit = %s: expected with an input that has %s or %s only",
          devkit.get(), ImageNetArchives.TRAIN, ImageNetArchives.VALIDATION);
    }
    if (names.contains(Dataset.DESCRIPTION) || hasParquet(children)) {
      return new ParquetDataset(input);
    }
    for (var child : children) {
      if (child.isDirectory() && isShardFolder(child.getPath().getName())) {
        if (hasParquet(storage.fileSystem(input).listStatus(child.getPath()))) {
          return new ParquetDataset(input);
        }
      }
    }
    return new ClassFolders(input);
  }

  private static boolean isShardFolder(String name) {
    return Splits.ALL.contains(name) || name.equals("data") || name.equals("validation");
  }

  private static boolean hasParquet(FileStatus[] files) {
    return Arrays.stream(files)
        .anyMatch(file -> file.isFile() && file.getPath().getName().endsWith(".parquet"));
  }
}
