package dev.expanse.bench;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The photographs of a run, in a temporary folder from which the processes of subjects read. */
record PhotographFolder(Path path, int count) implements AutoCloseable {
  /** As many as a pass over them is still short beside a turn. */
  static final int MOST = 100;

  private static final int MADE = 40;

  /** Photograph-like images, the same each time. */
  static PhotographFolder made() throws IOException {
    var files = new ArrayList<byte[]>();
    for (int i = 0; i < MADE; i++) {
      files.add(PhotographMaker.make(i));
    }
    return write(files);
  }

  /**
   * Up to {@value #MOST} JPEG files below {@code folder}, evenly spread over their sorted paths,
   * without those that the Java runtime's reader cannot decode (CMYK, broken ones).
   *
   * @throws InvalidInputException if there are none
   */
  static PhotographFolder from(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw InvalidInputException.of("--images %s: expected a folder", folder);
    }
    var paths = jpegs(folder);
    var files = new ArrayList<byte[]>();
    int taken = Math.min(MOST, paths.size());
    for (int i = 0; i < taken; i++) {
      var path = paths.get((int) ((long) i * paths.size() / taken));
      var file = Files.readAllBytes(path);
      if (canBeRead(path, file)) {
        files.add(file);
      }
    }
    if (files.isEmpty()) {
      throw InvalidInputException.of(
          "--images %s: expected JPEG files (.jpg, .jpeg), at any depth", folder);
    }
    return write(files);
  }

  private static List<Path> jpegs(Path folder) throws IOException {
    try (var paths = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return paths
          .filter(path -> path.toString().matches("(?i).*\\.jpe?g"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static boolean canBeRead(Path path, byte[] file) {
    try {
      JpegReaders.read(JpegReaders.jdk(), file);
      return true;
    } catch (IOException | RuntimeException e) {
      System.err.printf("Left out %s: %s%n", path, e.getMessage());
      return false;
    }
  }

  private static PhotographFolder write(List<byte[]> files) throws IOException {
    var folder =
        new PhotographFolder(Files.createTempDirectory("expanse-bench-input"), files.size());
    for (int i = 0; i < files.size(); i++) {
      Files.write(folder.path.resolve("%03d.jpg".formatted(i)), files.get(i));
    }
    return folder;
  }

  /** Deletes it. */
  @Override
  public void close() throws IOException {
    try (var files = Files.list(path)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(path);
  }
}
