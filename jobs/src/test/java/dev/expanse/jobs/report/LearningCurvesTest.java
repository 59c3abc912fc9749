package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.report.LearningCurves.Evaluated;
import dev.expanse.jobs.report.LearningCurves.Round;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;

class LearningCurvesTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("Loss, learning rate and top-1 are drawn as they are given")
  void asGiven() {
    var curves =
        new LearningCurves(
            List.of(new Round(100, 2.5, 0.1), new Round(200, 1.5, 0.05)),
            List.of(new Evaluated(200, 0.25)));

    var left = curves.charts().get(0);
    var right = curves.charts().get(1);

    assertThat(left.getSeriesMap()).containsOnlyKeys(LearningCurves.LOSS);
    assertThat(x(left, LearningCurves.LOSS)).containsExactly(100, 200);
    assertThat(y(left, LearningCurves.LOSS)).containsExactly(2.5, 1.5);
    assertThat(x(right, LearningCurves.LEARNING_RATE)).containsExactly(100, 200);
    assertThat(y(right, LearningCurves.LEARNING_RATE)).containsExactly(0.1, 0.05);
    assertThat(x(right, LearningCurves.TOP1)).containsExactly(200);
    assertThat(y(right, LearningCurves.TOP1)).containsExactly(25);
  }

  @Test
  @DisplayName("Many rounds get a running mean, over the rounds before")
  void runningMean() {
    var rounds = new ArrayList<Round>();
    for (int i = 1; i <= 100; i++) {
      rounds.add(new Round(i, i, 0.1));
    }

    var mean = y(new LearningCurves(rounds, List.of()).charts().get(0), LearningCurves.MEAN_LOSS);

    assertThat(mean).hasSize(100).startsWith(1, 1.5, 2, 2.5, 3.5).endsWith(97.5, 98.5);
  }

  @Test
  @DisplayName("The figure has lines in its two charts")
  void figure() throws IOException {
    var image = drawn(training(400, 20));

    assertThat(image.getWidth()).isEqualTo(2 * 640);
    assertThat(image.getHeight()).isEqualTo(480);
    assertThat(coloured(image, 0, 640)).isGreaterThan(500);
    assertThat(coloured(image, 640, 1280)).isGreaterThan(500);
  }

  @Test
  @DisplayName("One round without an evaluation, and a loss that is no number, can be drawn")
  void unusual() throws IOException {
    var one = new LearningCurves(List.of(new Round(64, 4.6, 0.1)), List.of());
    assertThat(one.charts().get(1).getSeriesMap()).containsOnlyKeys(LearningCurves.LEARNING_RATE);

    var diverged =
        new LearningCurves(
            List.of(
                new Round(64, 4, 1),
                new Round(128, Double.POSITIVE_INFINITY, 1),
                new Round(192, Double.NaN, 1)),
            List.of(new Evaluated(192, 0)));
    assertThat(y(diverged.charts().get(0), LearningCurves.LOSS))
        .containsExactly(4, Double.NaN, Double.NaN);

    var never = new LearningCurves(List.of(new Round(64, Double.NaN, 1)), List.of());
    int legendAlone = coloured(drawn(never), 0, 640);
    assertThat(coloured(drawn(one), 0, 640)).isGreaterThan(legendAlone);
    assertThat(coloured(drawn(diverged), 0, 640)).isGreaterThan(legendAlone);
    assertThat(new LearningCurves(List.of(), List.of()).isEmpty()).isTrue();
  }

  /** Curves such as a training has. */
  private static LearningCurves training(int rounds, int evaluations) {
    var random = new Random(1);
    var log = new ArrayList<Round>();
    var points = new ArrayList<Evaluated>();
    for (int i = 1; i <= rounds; i++) {
      double share = (double) i / rounds;
      double loss = 1 + 3.6 * Math.exp(-4 * share) + 0.2 * random.nextGaussian();
      log.add(new Round(3000L * i, loss, 0.05 * (1 + Math.cos(Math.PI * share))));
      if (i % (rounds / evaluations) == 0) {
        points.add(new Evaluated(3000L * i, 0.6 * (1 - Math.exp(-3 * share))));
      }
    }
    return new LearningCurves(log, points);
  }

  private BufferedImage drawn(LearningCurves curves) throws IOException {
    var file = folder.resolve("curves.png");
    curves.write(file);
    var image = ImageIO.read(file.toFile());
    Files.delete(file);
    return image;
  }

  private static int coloured(BufferedImage image, int from, int to) {
    int count = 0;
    for (int x = from; x < to; x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        int rgb = image.getRGB(x, y);
        int red = rgb >> 16 & 0xff;
        int blue = rgb & 0xff;
        count += Math.abs(red - blue) > 40 ? 1 : 0;
      }
    }
    return count;
  }

  private static double[] x(XYChart chart, String series) {
    return chart.getSeriesMap().get(series).getXData();
  }

  private static double[] y(XYChart chart, String series) {
    return chart.getSeriesMap().get(series).getYData();
  }
}
