package dev.expanse.jobs;

import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;

/** A PNG file, wherever Hadoop can write it: what draws figures knows local files only. */
record FigureFile(Storage storage, Path file) {
  /** Draws into a local file. */
  @FunctionalInterface
  interface Figure {
    void write(java.nio.file.Path local) throws IOException;
  }

  void write(Figure figure) {
    try {
      var local = Files.createTempFile("expanse", ".png");
      try {
        figure.write(local);
        storage.write(file, Files.readAllBytes(local));
      } finally {
        Files.delete(local);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
