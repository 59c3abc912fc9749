package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

class PointLabelsTest {
  private static final double LINE = 3.6; // of an axis from 0 to 100

  @Test
  @DisplayName("Labels of points near each other are stacked, a distant one is at its point")
  void stacked() {
    var labels = new PointLabels(chart(false));

    assertThat(labels.add("found-3", 50, 50, 1)).isCloseTo(50 + LINE, within(1e-9));
    assertThat(labels.add("found-2", 51, 50.5, 1)).isCloseTo(50.5 + 2 * LINE, within(1e-9));
    assertThat(labels.add("ecnn", 52, 51, 1)).isCloseTo(51 + 3 * LINE, within(1e-9));
    assertThat(labels.add("channels-v2", 80, 51, 1)).isCloseTo(51 + LINE, within(1e-9));
  }

  @Test
  @DisplayName("A label is neither on a point nor beyond an end of the axis")
  void clear() {
    var labels = new PointLabels(chart(false));
    labels.keepClear(30, 50);
    labels.keepClear(31, 50 + LINE);

    assertThat(labels.add("a", 30, 50, 1)).isCloseTo(50 + 2 * LINE, within(1e-9));
    assertThat(labels.add("b", 10, 50, -1)).isCloseTo(50 - LINE, within(1e-9));
    assertThat(labels.add("top", 60, 99, 1)).isCloseTo(99 - LINE, within(1e-9));
    assertThat(labels.add("bottom", 60, 1, -1)).isCloseTo(1 + LINE, within(1e-9));
  }

  @Test
  @DisplayName("On a logarithmic axis what is near is a matter of factors")
  void logarithmic() {
    var labels = new PointLabels(chart(true));

    labels.add("small", 1, 50, 1);

    assertThat(labels.add("large", 10, 50, 1)).isCloseTo(50 + LINE, within(1e-9));
    assertThat(labels.add("larger", 11, 50, 1)).isCloseTo(50 + 2 * LINE, within(1e-9));
  }

  private static XYChart chart(boolean logarithmic) {
    var chart = new XYChartBuilder().build();
    chart.getStyler().setXAxisLogarithmic(logarithmic);
    chart.getStyler().setXAxisMin(logarithmic ? 0.1 : 0).setXAxisMax(100.0);
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(100.0);
    return chart;
  }
}
