package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Folders of images, {@code split/class/file} or {@code class/file}. A split may be in parts, such
 * as {@code train.X1} and {@code train.X2}.
 *
 * @param root the folder
 */
record ClassFolders(Path root) implements Source {

  @Override
  public Listing list(Workplace at, ClassList classes) {
    var files = at.storage().fileSystem(root);
    var images = new ArrayList<ImageRef>();
    var folders = children(files, root, true);
    boolean inSplits = false;
    for (var folder : folders) {
      var name = folder.getPath().getName();
      var split = Splits.ofFolder(name);
      if (split.isPresent()) {
        inSplits = true;
        addClasses(files, folder.getPath(), split.get(), name + "/", classes, images);
      }
    }
    if (!inSplits) {
      addClasses(files, root, Splits.NONE, "", classes, images);
    }
    if (images.isEmpty() && classes.names().isEmpty()) {
      throw InvalidInputException.of(
          "input = %s: expected class folders, under %s or without splits",
          root, String.join(", ", Splits.ALL));
    }
    return new Listing(images);
  }

  private static void addClasses(
      FileSystem files,
      Path parent,
      String split,
      String prefix,
      ClassList classes,
      List<ImageRef> images) {
    for (var folder : children(files, parent, true)) {
      var className = folder.getPath().getName();
      if (!classes.has(className)) {
        continue;
      }
      var inClass = children(files, folder.getPath(), false);
      if (inClass.isEmpty()) {
        throw InvalidInputException.of(
            "%s: expected images, but the class folder is empty", folder.getPath());
      }
      for (var file : inClass) {
        var path = file.getPath();
        var name = prefix + className + "/" + path.getName();
        images.add(new ImageRef(name, split, className, path.toString(), 0, file.getLen()));
      }
    }
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
