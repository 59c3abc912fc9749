package dev.expanse.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A JPEG in memory, with its sides, which peers need before they decode: as if from an index.
 *
 * @param path where it lies on the disk
 * @param file its bytes
 * @param width in pixels
 * @param height in pixels
 */
record Photograph(Path path, byte[] file, int width, int height) {

  static Photograph of(Path path, byte[] file) throws IOException {
    ImageReader reader = JpegReaders.jdk().createReaderInstance();
    try (ImageInputStream input = JpegReaders.input(file)) {
      reader.setInput(input, true, true);
      return new Photograph(path, file, reader.getWidth(0), reader.getHeight(0));
    } finally {
      reader.dispose();
    }
  }

  /** All files of a folder, in the order of their names. */
  static List<Photograph> all(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.sorted().map(Photograph::read).toList();
    }
  }

  private static Photograph read(Path file) {
    try {
      return of(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same, read from the disk again. */
  Photograph again() throws IOException {
    return new Photograph(path, Files.readAllBytes(path), width, height);
  }

  int pixels() {
    return width * height;
  }
}
