package dev.expanse.jobs.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A training as a figure: its loss against the images seen, and beside it top-1 on the validation
 * split and the learning rate.
 *
 * @param rounds the rounds, in their order
 * @param evaluations the evaluations during training, in their order; there may be none
 */
public record LearningCurves(List<Round> rounds, List<Evaluated> evaluations) {
  static final String LOSS = "each round";
  static final String MEAN_LOSS = "running mean";
  static final String TOP1 = "top-1 on val";
  static final String LEARNING_RATE = "learning rate";

  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  /** The running mean is over so large a part of the rounds, and there is none of fewer rounds. */
  private static final int PARTS = 25;

  /** So few rounds are drawn as points as well, for a single one makes no line. */
  private static final int FEW = 30;

  private static final Color FIRST = new Color(31, 119, 180);
  private static final Color SECOND = new Color(255, 127, 14);
  private static final Color PALE = new Color(170, 200, 225);

  /** The curves of lists, which are copied. */
  public LearningCurves {
    rounds = List.copyOf(rounds);
    evaluations = List.copyOf(evaluations);
  }

  /**
   * A round of training.
   *
   * @param imagesSeen training images seen when it is over
   * @param loss its training loss, in nats
   * @param learningRate its learning rate
   */
  public record Round(long imagesSeen, double loss, double learningRate) {}

  /**
   * An evaluation during training.
   *
   * @param imagesSeen training images seen by then
   * @param top1 share of the validation images that were recognised, 0 to 1
   */
  public record Evaluated(long imagesSeen, double top1) {}

  /** True if there is nothing to draw. */
  public boolean isEmpty() {
    return rounds.isEmpty();
  }

  /** Writes the figure as a PNG file. */
  public void write(Path file) throws IOException {
    BitmapEncoder.saveBitmap(charts(), 1, 2, file.toString(), BitmapFormat.PNG);
  }

  List<XYChart> charts() {
    return List.of(lossChart(), rightChart());
  }

  private XYChart lossChart() {
    var chart = chart("Training loss", "loss (nats)");
    var loss = chart.addSeries(LOSS, seen(), values(Round::loss));
    line(loss, FIRST);
    if (rounds.size() >= 2 * PARTS) {
      line(loss, PALE).setLineStyle(new BasicStroke(1));
      line(chart.addSeries(MEAN_LOSS, seen(), runningMeanLoss()), FIRST);
    }
    return chart;
  }

  private XYChart rightChart() {
    boolean evaluated = !evaluations.isEmpty();
    var chart =
        chart(
            evaluated ? "Accuracy and learning rate" : "Learning rate",
            evaluated ? "top-1 (%)" : LEARNING_RATE);
    var style = chart.getStyler();
    var rate = chart.addSeries(LEARNING_RATE, seen(), values(Round::learningRate));
    line(rate, SECOND).setLineStyle(new BasicStroke(1.5f));
    if (evaluated) {
      var images = evaluations.stream().mapToDouble(Evaluated::imagesSeen).toArray();
      var top1 = evaluations.stream().mapToDouble(point -> 100 * point.top1()).toArray();
      line(chart.addSeries(TOP1, images, top1), FIRST).setMarker(SeriesMarkers.CIRCLE);
      rate.setYAxisGroup(1);
      chart.setYAxisGroupTitle(1, LEARNING_RATE);
      style.setYAxisGroupPosition(1, Styler.YAxisPosition.Right);
      style.setYAxisMin(1, 0.0);
    }
    style.setYAxisMin(0, 0.0);
    return chart;
  }

  private static XYChart chart(String title, String axis) {
    var chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("training images seen")
            .yAxisTitle(axis)
            .build();
    var style = chart.getStyler();
    style.setLegendPosition(Styler.LegendPosition.OutsideS);
    style.setLegendLayout(Styler.LegendLayout.Horizontal);
    style.setChartBackgroundColor(Color.WHITE);
    style.setMarkerSize(7);
    style.setXAxisMin(0.0);
    style.setXAxisDecimalPattern("#,##0");
    style.setXAxisTickMarkSpacingHint(100);
    return chart;
  }

  private XYSeries line(XYSeries series, Color color) {
    series.setMarker(rounds.size() <= FEW ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    series.setLineColor(color);
    series.setMarkerColor(color);
    return series;
  }

  private double[] seen() {
    return rounds.stream().mapToDouble(Round::imagesSeen).toArray();
  }

  /** What is no finite number, such as a loss that has diverged, is a gap in the curve. */
  private double[] values(ToDoubleFunction<Round> value) {
    return rounds.stream()
        .mapToDouble(value)
        .map(number -> Double.isFinite(number) ? number : Double.NaN)
        .toArray();
  }

  /** Of each round the mean over it and those before it, as many as a part of all rounds. */
  private double[] runningMeanLoss() {
    var losses = values(Round::loss);
    int window = losses.length / PARTS;
    var means = new double[losses.length];
    for (int i = 0; i < means.length; i++) {
      double sum = 0;
      int first = Math.max(0, i - window + 1);
      for (int j = first; j <= i; j++) {
        sum += losses[j];
      }
      means[i] = sum / (i + 1 - first);
    }
    return means;
  }
}
