package dev.expanse.jobs.notebook;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/** What cells show beside what they print. */
public final class Display {
  private static final List<String> SHOWN = new ArrayList<>();

  private Display() {}

  /** Shows a picture below the cell that is being run. */
  public static synchronized void show(BufferedImage picture) {
    try (var png = new ByteArrayOutputStream()) {
      ImageIO.write(picture, "png", png);
      SHOWN.add(Base64.getEncoder().encodeToString(png.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was shown since the last call, as PNG files in base 64. */
  static synchronized List<String> take() {
    var shown = List.copyOf(SHOWN);
    SHOWN.clear();
    return shown;
  }
}
