package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;

class SweepFigureTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("Each chart of accuracy has the points and their front, each of latency its points")
  void charts() {
    var rows =
        List.of(
            SweepRows.of("a", 1_000_000, 0.2, 3),
            SweepRows.of("b", 2_000_000, 0.1, 1),
            SweepRows.of("c", 3_000_000, 0.4, 2));

    var charts = new SweepFigure(rows).charts();

    assertThat(charts).hasSize(6);
    var macs = charts.get(0).getSeriesMap();
    assertThat(macs.get(SweepFigure.ALL).getXData()).containsExactly(1, 2, 3);
    assertThat(macs.get(SweepFigure.ALL).getYData()).containsExactly(20, 10, 40);
    assertThat(macs.get(SweepFigure.FRONT).getXData()).containsExactly(1, 3);
    var latency = charts.get(3).getSeriesMap();
    assertThat(latency.get(SweepFigure.FRONT).getXData()).containsExactly(1, 2);
    // ranks 1, 2, 3 against 3, 1, 2
    assertThat(charts.get(4).getTitle()).isEqualTo("Latency against MACs");
    assertThat(charts.get(4).getSeriesMap()).containsOnlyKeys("onednn: rank correlation -0.50");
    assertThat(charts.get(4).getSeriesMap().get("onednn: rank correlation -0.50").getYData())
        .containsExactly(3, 1, 2);
  }

  @Test
  @DisplayName(
      "Engines have a chart of accuracy each, and one of latency together, logarithmic if need be")
  void engines() {
    var rows =
        List.of(
            SweepRows.of("a", 1_000_000, 0.2, 1),
            SweepRows.of("b", 2_000_000, 0.3, 2),
            SweepRows.of("c", 3_000_000, 0.4, 3));
    var timed =
        List.of(
            SweepRows.timed("a", "stock", 1, 30),
            SweepRows.timed("b", "stock", 1, 20),
            SweepRows.timed("c", "stock", 1, 10));

    var charts = new SweepFigure(Comparison.of(rows, timed).get(0)).charts();

    assertThat(charts)
        .extracting(XYChart::getTitle)
        .containsExactly(
            "Accuracy against computation",
            "Accuracy against size",
            "Accuracy against activations",
            "Accuracy against latency (onednn)",
            "Latency against MACs",
            "Latency against activations",
            "Accuracy against latency (stock)");
    assertThat(charts.get(4).getSeriesMap()).hasSize(2);
    var stock = charts.get(4).getSeriesMap().get("stock: rank correlation -1.00");
    assertThat(stock.getYData()).containsExactly(30, 20, 10);
    assertThat(charts.get(4).getStyler().isYAxisLogarithmic()).isTrue();
    assertThat(charts.get(5).getSeriesMap()).containsKey("onednn: rank correlation 1.00");
    var onednn = new SweepFigure(Comparison.of(rows).get(0)).charts().get(4);
    assertThat(onednn.getStyler().isYAxisLogarithmic()).isFalse();
  }

  @Test
  @DisplayName("Each of ten ways of timing has a colour and a marker that no other has together")
  void markers() {
    var rows = List.of(SweepRows.of("a", 1_000_000, 0.2, 1));
    var timed =
        IntStream.range(2, 11)
            .mapToObj(i -> SweepRows.timed("a", "onednn", 1, 30, "threads", i))
            .toList();

    var charts = new SweepFigure(Comparison.of(rows, timed).get(0)).charts();

    assertThat(charts.get(4).getTitle()).isEqualTo("Latency against MACs");
    assertThat(charts.get(4).getSeriesMap().values())
        .hasSize(10)
        .extracting(series -> List.of(series.getMarkerColor(), series.getMarker()))
        .doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("The baseline has a label, though others beat it")
  void baseline() {
    var rows = List.of(SweepRows.of("a", 1_000_000, 0.2, 1), SweepRows.of("b", 2_000_000, 0.1, 2));
    var comparison = Comparison.of(rows).get(0);

    var plain = new SweepFigure(comparison).image();
    var labelled = new SweepFigure(comparison, Optional.of("b")).image();

    assertThat(pixels(labelled)).isNotEqualTo(pixels(plain));
    var onFront = new SweepFigure(comparison, Optional.of("a")).image();
    assertThat(pixels(onFront)).isEqualTo(pixels(plain));
  }

  @Test
  @DisplayName("The baseline has a label where not all of a long front have one")
  void baselineOnLongFront() {
    var rows =
        IntStream.range(0, 13)
            .mapToObj(i -> SweepRows.of("n" + i, 1_000_000L * (1 + i), 0.2 + 0.01 * i, 1 + i))
            .toList();
    var comparison = Comparison.of(rows).get(0);

    var plain = pixels(new SweepFigure(comparison).image());

    assertThat(pixels(new SweepFigure(comparison, Optional.of("n1")).image())).isNotEqualTo(plain);
    assertThat(pixels(new SweepFigure(comparison, Optional.of("n2")).image())).isEqualTo(plain);
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  @Test
  @DisplayName("Axes have room for error bars, and on the right for a label")
  void room() {
    var rows =
        List.of(
            SweepRows.of("a", 1_000_000, 0.20, 1, "top1_standard_error", 0.03),
            SweepRows.of("b", 2_000_000, 0.21, 25, "top1_standard_error", 0.04));

    var charts = new SweepFigure(rows).charts();

    var macs = charts.get(0).getStyler();
    assertThat(macs.getXAxisMin()).isZero();
    assertThat(macs.getXAxisMax()).isBetween(2.2, 2.4);
    assertThat(macs.getYAxisMin()).isLessThan(20 - 3);
    assertThat(macs.getYAxisMax()).isGreaterThan(21 + 4);
    var latency = charts.get(3).getStyler();
    assertThat(latency.isXAxisLogarithmic()).isTrue();
    assertThat(latency.getXAxisMax()).isBetween(35.0, 45.0);
    assertThat(latency.getXAxisMin()).isEqualTo(0.1); // a power of ten, which has a label
  }

  @Test
  @DisplayName("Thousands of configurations have a legend of three entries at most")
  void thousands() throws IOException {
    var random = new Random(1);
    var rows =
        IntStream.range(0, 3000)
            .mapToObj(
                i ->
                    SweepRows.of(
                        "mobilenet-v2-%06d".formatted(i),
                        (long) (1e6 * Math.exp(4 * random.nextDouble())),
                        0.3 + 0.2 * random.nextDouble(),
                        random.nextDouble()))
            .toList();
    var figure = new SweepFigure(rows);

    var file = folder.resolve("figure.png");
    figure.write(file);

    assertThat(figure.charts()).allMatch(chart -> chart.getSeriesMap().size() <= 3);
    assertThat(ImageIO.read(file.toFile()).getHeight()).isEqualTo(3 * 480);
  }

  @Test
  @DisplayName("Where all failed there is nothing to draw")
  void failed() {
    assertThat(new SweepFigure(List.of(SweepRows.failed("a", "no memory"))).isEmpty()).isTrue();
  }
}
