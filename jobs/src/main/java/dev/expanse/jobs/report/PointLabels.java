package dev.expanse.jobs.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;

/**
 * Labels of a chart's points: each above or below its point, as near as no other label and no point
 * is in its way. The axes must have their ends already. Lengths are shares of the axes.
 */
final class PointLabels {
  /** Of a chart of 640 by 480 pixels. */
  private static final double CHARACTER = 0.0115;

  private static final double LINE = 0.036;
  private static final double POINT = 0.012;

  /** A label farther away than so many lines is not taken for its point's. */
  private static final int FARTHEST = 5;

  private final XYChart chart;
  private final List<Box> taken = new ArrayList<>();

  private record Box(double x, double y, double halfWidth, double halfHeight) {
    boolean meets(Box other) {
      return Math.abs(x - other.x) < halfWidth + other.halfWidth
          && Math.abs(y - other.y) < halfHeight + other.halfHeight;
    }
  }

  PointLabels(XYChart chart) {
    this.chart = chart;
  }

  /** A point that labels keep clear of. */
  void keepClear(double x, double y) {
    taken.add(new Box(acrossAt(x), upAt(y), POINT, POINT));
  }

  /**
   * Labels a point.
   *
   * @param side 1 for above it where there is room, -1 for below it
   * @return how high the label is, on the axis
   */
  double add(String text, double x, double y, int side) {
    double point = upAt(y);
    var boxes =
        IntStream.of(side, -side)
            .boxed()
            .flatMap(
                each ->
                    IntStream.rangeClosed(1, FARTHEST)
                        .mapToObj(lines -> box(text, x, point + each * lines * LINE)))
            .toList();
    var box = boxes.stream().filter(this::isFree).findFirst().orElse(boxes.get(0));
    taken.add(box);
    double height = valueAt(box.y());
    chart.addAnnotation(new AnnotationText(text, x, height, false));
    return height;
  }

  private Box box(String text, double x, double up) {
    return new Box(acrossAt(x), up, text.length() * CHARACTER / 2, 0.45 * LINE);
  }

  private boolean isFree(Box box) {
    return box.y() - box.halfHeight() > 0
        && box.y() + box.halfHeight() < 1
        && taken.stream().noneMatch(box::meets);
  }

  private double acrossAt(double x) {
    var style = chart.getStyler();
    double least = style.getXAxisMin();
    double most = style.getXAxisMax();
    return style.isXAxisLogarithmic()
        ? Math.log(x / least) / Math.log(most / least)
        : (x - least) / (most - least);
  }

  private double upAt(double y) {
    return (y - chart.getStyler().getYAxisMin()) / height();
  }

  private double valueAt(double up) {
    return chart.getStyler().getYAxisMin() + up * height();
  }

  private double height() {
    var style = chart.getStyler();
    return style.getYAxisMax() - style.getYAxisMin();
  }
}
