package dev.expanse.jobs.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A sweep as a figure of several charts, two beside each other: top-1 against MACs, parameters,
 * activations and each engine's latency, each with the Pareto front; and latency against MACs and
 * activations, with the engines' rank correlations (Spearman's).
 */
public final class SweepFigure {
  static final String ALL = "configurations";
  static final String UNFINISHED = "not trained to the end";
  static final String FRONT = "Pareto front";

  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;
  private static final int COLUMNS = 2;

  /** More points than these are drawn small and without error bars. */
  private static final int FEW = 50;

  /** A front of more members has so many labels. */
  private static final int LABELS = 12;

  /** An axis that spans more than this factor is logarithmic. */
  private static final double WIDE = 10;

  /** On the right there is room for half a label, as a share of the axis. */
  private static final double MARGIN = 0.15;

  private static final Color POINT = new Color(31, 119, 180, 150);
  private static final Color PALE = new Color(150, 150, 150, 120);
  private static final Color BEST = new Color(255, 127, 14);

  /** One for each way of timing, and the first again for the seventh, with the next marker. */
  private static final Color[] ENGINES = {
    POINT,
    new Color(255, 127, 14, 190),
    new Color(44, 160, 44, 170),
    new Color(148, 103, 189, 170),
    new Color(214, 39, 40, 150),
    new Color(90, 90, 90, 150)
  };

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.TRIANGLE_UP, SeriesMarkers.DIAMOND
  };

  private final Comparison comparison;
  private final Optional<String> baseline;

  /** A figure of configurations that can be compared. */
  public SweepFigure(Comparison comparison) {
    this(comparison, Optional.empty());
  }

  /**
   * A figure of configurations that can be compared.
   *
   * @param baseline name of a network that has a label wherever it is, if there is one
   */
  public SweepFigure(Comparison comparison, Optional<String> baseline) {
    this.comparison = comparison;
    this.baseline = baseline;
  }

  /** A figure of rows that can be compared. */
  public SweepFigure(List<Row> rows) {
    this(Comparison.of(rows).get(0));
  }

  /** True if there is nothing to draw. */
  public boolean isEmpty() {
    return comparison.measured().isEmpty();
  }

  /** Writes the figure as a PNG file. */
  public void write(Path file) throws IOException {
    ImageIO.write(image(), "png", file.toFile());
  }

  /** The figure as a picture. */
  public BufferedImage image() {
    var charts = charts();
    int rows = (charts.size() + COLUMNS - 1) / COLUMNS;
    var image = new BufferedImage(COLUMNS * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
    var graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    for (int i = 0; i < charts.size(); i++) {
      var chart = BitmapEncoder.getBufferedImage(charts.get(i));
      graphics.drawImage(chart, i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT, null);
    }
    graphics.dispose();
    return image;
  }

  List<XYChart> charts() {
    var charts = new ArrayList<XYChart>();
    ToDoubleFunction<Configuration> macs = each -> each.macs() / 1e6;
    ToDoubleFunction<Configuration> activations = each -> each.activations() / 1e6;
    charts.add(accuracy("Accuracy against computation", "MACs (millions)", macs));
    charts.add(
        accuracy("Accuracy against size", "parameters (thousands)", each -> each.params() / 1e3));
    charts.add(accuracy("Accuracy against activations", "activations (millions)", activations));
    var timings = comparison.latencyTimings();
    for (var timing : timings) {
      charts.add(
          accuracy(
              "Accuracy against latency (" + timing.among(timings) + ")",
              "latency p50 (ms)",
              each -> each.p50(timing)));
      if (timing == timings.get(0)) {
        charts.add(latency("MACs", macs)); // beside each other, however many charts follow
        charts.add(latency("activations", activations));
      }
    }
    return charts;
  }

  private XYChart accuracy(String title, String axis, ToDoubleFunction<Configuration> cost) {
    var chart = chart(title, axis, "top-1 (%)", cost);
    var unfinished =
        comparison.configurations().stream().filter(each -> !each.isMeasured()).toList();
    ToDoubleFunction<Configuration> top1 = each -> 100 * each.top1();
    scatter(chart, UNFINISHED, numbers(unfinished, cost, top1), cost, top1, PALE);
    var measured = numbers(comparison.measured(), cost, top1);
    if (measured.isEmpty()) {
      return chart;
    }
    scaleTop1(chart);
    var labels = new PointLabels(chart);
    if (measured.size() <= FEW) {
      measured.forEach(each -> labels.keepClear(cost.applyAsDouble(each), 100 * each.top1()));
      var spreads = values(measured, each -> 100 * each.accuracy().orElseThrow().spread());
      mark(chart.addSeries(ALL, values(measured, cost), values(measured, top1), spreads), POINT);
    } else {
      scatter(chart, ALL, measured, cost, top1, POINT);
    }
    var front = comparison.front(cost).members();
    var line = chart.addSeries(FRONT, values(front, cost), values(front, top1));
    line.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
    line.setLineColor(BEST).setLineStyle(new BasicStroke(1.5f));
    line.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(BEST);
    int every = (front.size() + LABELS - 1) / LABELS;
    var labelled = IntStream.range(0, front.size()).filter(i -> i % every == 0);
    var members = labelled.mapToObj(front::get).toList();
    members.forEach(
        each -> labels.add(each.name(), cost.applyAsDouble(each), 100 * each.top1(), 1));
    baseline
        .flatMap(comparison::named)
        .filter(compared -> !members.contains(compared))
        .filter(compared -> !Double.isNaN(cost.applyAsDouble(compared)))
        .ifPresent(
            compared ->
                labels.add(
                    compared.name(), cost.applyAsDouble(compared), 100 * compared.top1(), -1));
    return chart;
  }

  /** From zero, unless all would be in the upper half, error bars included. */
  private void scaleTop1(XYChart chart) {
    var top1 =
        comparison.configurations().stream()
            .flatMap(each -> each.accuracy().stream())
            .flatMapToDouble(
                each -> DoubleStream.of(each.top1() - each.spread(), each.top1() + each.spread()))
            .map(share -> 100 * share)
            .summaryStatistics();
    double least = top1.getMin() > top1.getMax() / 2 ? top1.getMin() : 0;
    double height = Math.max(1.2 * (top1.getMax() - least), 1);
    chart.getStyler().setYAxisMin(Math.max(0, least - height / 6));
    chart.getStyler().setYAxisMax(least + height);
  }

  private XYChart latency(String name, ToDoubleFunction<Configuration> cost) {
    var chart = chart("Latency against " + name, name + " (millions)", "latency p50 (ms)", cost);
    var timings = comparison.latencyTimings();
    var latencies =
        comparison.configurations().stream()
            .flatMapToDouble(each -> timings.stream().mapToDouble(each::p50))
            .filter(p50 -> !Double.isNaN(p50))
            .summaryStatistics();
    var style = chart.getStyler();
    style.setYAxisLogarithmic(isWide(latencies));
    style.setLegendLayout(Styler.LegendLayout.Vertical);
    for (int i = 0; i < timings.size(); i++) {
      var timing = timings.get(i);
      ToDoubleFunction<Configuration> p50 = each -> each.p50(timing);
      var timed = numbers(comparison.configurations(), cost, p50);
      if (!timed.isEmpty()) {
        var series = chart.addSeries(legend(timing, cost), values(timed, cost), values(timed, p50));
        mark(series, ENGINES[i % ENGINES.length]);
        series.setMarker(MARKERS[i / ENGINES.length % MARKERS.length]);
      }
    }
    return chart;
  }

  private String legend(Timing timing, ToDoubleFunction<Configuration> cost) {
    var correlation = comparison.correlation(cost, timing);
    return timing.among(comparison.latencyTimings())
        + (correlation.isPresent()
            ? String.format(Locale.ROOT, ": rank correlation %.2f", correlation.getAsDouble())
            : "");
  }

  private static boolean isWide(DoubleSummaryStatistics values) {
    return values.getMin() > 0 && values.getMax() > WIDE * values.getMin();
  }

  private static List<Configuration> numbers(
      List<Configuration> configurations,
      ToDoubleFunction<Configuration> x,
      ToDoubleFunction<Configuration> y) {
    return configurations.stream()
        .filter(each -> !Double.isNaN(x.applyAsDouble(each)))
        .filter(each -> !Double.isNaN(y.applyAsDouble(each)))
        .toList();
  }

  private static void scatter(
      XYChart chart,
      String name,
      List<Configuration> drawn,
      ToDoubleFunction<Configuration> x,
      ToDoubleFunction<Configuration> y,
      Color color) {
    if (!drawn.isEmpty()) {
      mark(chart.addSeries(name, values(drawn, x), values(drawn, y)), color);
    }
  }

  private static void mark(XYSeries series, Color color) {
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
  }

  private static double[] values(
      List<Configuration> configurations, ToDoubleFunction<Configuration> value) {
    return configurations.stream().mapToDouble(value).toArray();
  }

  private XYChart chart(
      String title, String xTitle, String yTitle, ToDoubleFunction<Configuration> cost) {
    var chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    var style = chart.getStyler();
    style.setLegendPosition(Styler.LegendPosition.OutsideS);
    style.setLegendLayout(Styler.LegendLayout.Horizontal);
    style.setChartBackgroundColor(Color.WHITE);
    style.setMarkerSize(comparison.measured().size() <= FEW ? 9 : 5);
    style.setErrorBarsColor(PALE);
    var costs =
        comparison.configurations().stream()
            .mapToDouble(cost)
            .filter(each -> !Double.isNaN(each))
            .summaryStatistics();
    if (isWide(costs)) {
      style.setXAxisLogarithmic(true);
      // XChart labels powers of ten alone: there is one on the left
      style.setXAxisMin(Math.pow(10, Math.floor(Math.log10(costs.getMin() / (1 + MARGIN)))));
      style.setXAxisMax(costs.getMax() * Math.pow(costs.getMax() / costs.getMin(), MARGIN));
    } else {
      style.setXAxisMin(0.0);
      style.setXAxisMax(costs.getMax() > 0 ? costs.getMax() * (1 + MARGIN) : 1);
    }
    return chart;
  }
}
