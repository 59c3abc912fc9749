package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder of images, {@code split/class/file}: which files there are, in the order of their names.
 *
 * @param root the folder
 * @param classes the class folders' names, sorted: a class's place is its label
 * @param splits the files of each split
 */
record ImageFolder(Path root, List<String> classes, Map<String, List<File>> splits) {
  private static final List<String> SPLITS = List.of(Dataset.TRAIN, Dataset.VALIDATION, "test");

  /**
   * One file.
   *
   * @param path where it is
   * @param name its path below the folder
   * @param label its class
   * @param bytes its length
   */
  record File(String path, String name, int label, long bytes) implements Serializable {}

  /**
   * Lists a folder.
   *
   * @throws InvalidInputException if it is missing, has no split, has an empty class folder, or its
   *     splits have different classes
   */
  static ImageFolder list(Storage storage, Path root) {
    var files = storage.fileSystem(root);
    if (!storage.exists(root)) {
      throw InvalidInputException.of("input = %s: no such folder", root);
    }
    var splits = new LinkedHashMap<String, List<File>>();
    List<String> classes = null;
    String first = null;
    for (var split : SPLITS) {
      var folder = new Path(root, split);
      if (!storage.exists(folder)) {
        continue;
      }
      var names = children(files, folder, true).stream().map(f -> f.getPath().getName()).toList();
      if (classes == null) {
        classes = names;
        first = split;
      }
      requireSameClasses(folder, names, new Path(root, first), classes);
      splits.put(split, images(files, root, split, classes));
    }
    if (classes == null || classes.isEmpty()) {
      throw InvalidInputException.of(
          "input = %s: expected class folders under %s", root, String.join(", ", SPLITS));
    }
    return new ImageFolder(root, classes, splits);
  }

  private static List<File> images(
      FileSystem files, Path root, String split, List<String> classes) {
    var images = new ArrayList<File>();
    for (int label = 0; label < classes.size(); label++) {
      var folder = new Path(new Path(root, split), classes.get(label));
      var inClass = children(files, folder, false);
      if (inClass.isEmpty()) {
        throw InvalidInputException.of(
            "%s: expected images, but the class folder is empty", folder);
      }
      for (var file : inClass) {
        var name = split + "/" + classes.get(label) + "/" + file.getPath().getName();
        images.add(new File(file.getPath().toString(), name, label, file.getLen()));
      }
    }
    return images;
  }

  private static void requireSameClasses(
      Path folder, List<String> names, Path other, List<String> otherNames) {
    if (!names.equals(otherNames)) {
      var difference = new ArrayList<>(names);
      difference.removeAll(otherNames);
      var missing = new ArrayList<>(otherNames);
      missing.removeAll(names);
      throw InvalidInputException.of(
          "%s: has %d classes, expected the %d of %s (only here: %s, only there: %s)",
          folder, names.size(), otherNames.size(), other, some(difference), some(missing));
    }
  }

  private static String some(List<String> names) {
    return names.isEmpty()
        ? "none"
        : String.join(", ", names.subList(0, Math.min(3, names.size())));
  }

  /** The folders, or the files, in a folder; hidden ones left out. */
  private static List<FileStatus> children(FileSystem files, Path folder, boolean folders) {
    try {
      return Arrays.stream(files.listStatus(folder))
          .filter(f -> f.isDirectory() == folders && !f.getPath().getName().startsWith("."))
          .sorted(Comparator.comparing(f -> f.getPath().getName()))
          .toList();
    } catch (IOException e) {
      throw new InvalidInputException(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
