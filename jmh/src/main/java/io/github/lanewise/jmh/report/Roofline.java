package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.report.Figures.Figure;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The picture of the limits. */
final class Roofline {
  private static final Color[] COLORS = {
    new Color(0x1f77b4), new Color(0xff7f0e), new Color(0x2ca02c), new Color(0x9467bd)
  };

  private Roofline() {}

  /** Points that there are to draw. */
  static long points(Figures figures) {
    return figures.count(
        m -> m.family().equals("Convolution") && m.arm().equals("vector") && m.threads() == 1);
  }

  /** Arithmetic intensity against speed, one point for each pass of each problem, one thread. */
  static void draw(Figures figures, Path file) throws IOException {
    OptionalDouble peak = figures.multiplyAdds("vector", 1);
    OptionalDouble copy = figures.bandwidth("copy", 1);
    XYChart chart =
        new XYChartBuilder()
            .width(1000)
            .height(620)
            .title("One thread: each convolution problem under the machine's limits")
            .xAxisTitle("floating-point operations for each byte that must move")
            .yAxisTitle("GFLOP/s")
            .build();
    plain(chart.getStyler());
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    int color = 0;
    for (String pass : List.of("forward", "backwardInput", "backwardWeight")) {
      List<Double> x = new ArrayList<>();
      List<Double> y = new ArrayList<>();
      for (String name : figures.names("Convolution")) {
        Optional<Figure> figure = figures.find("Convolution", name, pass, "vector", 1);
        figure.ifPresent(
            f -> {
              x.add(f.flops() / f.bytes());
              y.add(f.gigaflops());
            });
      }
      if (!x.isEmpty()) {
        XYSeries series = chart.addSeries(pass, x, y);
        series.setMarkerColor(COLORS[color++]);
        series.setMarker(SeriesMarkers.CIRCLE);
      }
    }
    if (peak.isPresent() && copy.isPresent()) {
      double edge = peak.getAsDouble() / copy.getAsDouble();
      XYSeries roof =
          chart.addSeries(
              "limit",
              new double[] {0.1, edge, 1000},
              new double[] {0.1 * copy.getAsDouble(), peak.getAsDouble(), peak.getAsDouble()});
      roof.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
      roof.setMarker(SeriesMarkers.NONE);
      roof.setLineColor(Color.DARK_GRAY);
      roof.setLineStyle(new BasicStroke(2));
    }
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  private static void plain(Styler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartTitleBoxVisible(false);
    styler.setLegendBorderColor(Color.LIGHT_GRAY);
  }
}
