package dev.expanse.jobs;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Folders of real JPEG files that are easy to tell apart: noise around a colour for each class. */
public final class ImageFolders {
  /** The classes, in the order of their labels. */
  public static final List<String> CLASSES = List.of("blue", "green", "grey", "red");

  private static final List<Color> COLOURS =
      List.of(new Color(40, 40, 200), new Color(40, 180, 40), Color.GRAY, new Color(200, 40, 40));
  private static final int SIDE = 20;
  private static final int NOISE = 50;

  private ImageFolders() {}

  /** Writes {@code split/class/<i>.jpg} below {@code root}. */
  public static Path write(Path root, int trainAClass, int valAClass) {
    var random = new SplittableRandom(11);
    for (int label = 0; label < CLASSES.size(); label++) {
      for (int i = 0; i < trainAClass; i++) {
        write(root.resolve("train").resolve(CLASSES.get(label)).resolve(i + ".jpg"), label, random);
      }
      for (int i = 0; i < valAClass; i++) {
        write(root.resolve("val").resolve(CLASSES.get(label)).resolve(i + ".jpg"), label, random);
      }
    }
    return root;
  }

  private static void write(Path file, int label, SplittableRandom random) {
    var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    var colour = COLOURS.get(label);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int rgb = noisy(colour.getRed(), random) << 16;
        rgb |= noisy(colour.getGreen(), random) << 8;
        image.setRGB(x, y, rgb | noisy(colour.getBlue(), random));
      }
    }
    try {
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "jpg", file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int noisy(int value, SplittableRandom random) {
    return Math.max(0, Math.min(255, value + random.nextInt(-NOISE, NOISE + 1)));
  }
}
