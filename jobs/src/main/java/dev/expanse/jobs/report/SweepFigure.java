package dev.expanse.jobs.report;

import dev.expanse.jobs.sweep.SweepTable;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;

/** The rows of a sweep as a figure: top-1 against MACs, and against latency, side by side. */
public final class SweepFigure {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  private final List<Row> rows;

  /** A figure of those rows of {@link SweepTable} that were measured. */
  public SweepFigure(List<Row> rows) {
    this.rows = rows.stream().filter(row -> SweepTable.OK.equals(row.getAs("status"))).toList();
  }

  /** True if there is nothing to draw. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Writes the figure as a PNG file. */
  public void write(Path file) throws IOException {
    var charts =
        List.of(
            chart("Accuracy against computation", "MACs (millions)", "macs", 1e-6),
            chart("Accuracy against latency", "latency p50 (ms)", "latency_p50_ms", 1));
    BitmapEncoder.saveBitmap(charts, 1, 2, file.toString(), BitmapFormat.PNG);
  }

  private XYChart chart(String title, String axis, String column, double scale) {
    var chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(axis)
            .yAxisTitle("top-1 (%)")
            .build();
    var style = chart.getStyler();
    style.setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    style.setLegendPosition(Styler.LegendPosition.OutsideS);
    style.setLegendLayout(Styler.LegendLayout.Vertical);
    style.setChartBackgroundColor(Color.WHITE);
    style.setMarkerSize(10);
    style.setXAxisMin(0.0);
    style.setYAxisMin(0.0);
    for (var row : rows) {
      double x = row.<Number>getAs(column).doubleValue() * scale;
      double y = 100 * row.<Double>getAs("top1");
      double error = 100 * row.<Double>getAs("top1_standard_error");
      var name = row.getAs("network") + ", " + row.getAs("resolution") + " px";
      chart.addSeries(
          unique(chart, name), new double[] {x}, new double[] {y}, new double[] {error});
    }
    return chart;
  }

  private static String unique(XYChart chart, String name) {
    var unique = name;
    for (int i = 2; chart.getSeriesMap().containsKey(unique); i++) {
      unique = name + " (" + i + ")";
    }
    return unique;
  }
}
