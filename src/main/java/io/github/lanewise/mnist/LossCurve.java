package io.github.lanewise.mnist;

import io.github.lanewise.io.AtomicFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Collects the loss of each step and draws it; a long run is thinned to means of some steps. */
final class LossCurve {
  private static final int MOST_POINTS = 2000;

  /** Less than some decades have hardly a label on a logarithmic axis. */
  private static final double LOGARITHMIC_FROM = 50;

  private final String model;
  private final long stepsPerPoint;
  private final double[] steps = new double[MOST_POINTS];
  private final double[] losses = new double[MOST_POINTS];
  private int points;
  private long step;
  private double sum;
  private double least = Double.MAX_VALUE;
  private double most;

  /** A curve of a run of so many steps. */
  LossCurve(String model, long totalSteps) {
    this.model = model;
    stepsPerPoint = Math.ceilDiv(totalSteps, MOST_POINTS);
  }

  void add(float loss) {
    step++;
    sum += loss;
    if (step % stepsPerPoint == 0) {
      double mean = sum / stepsPerPoint;
      sum = 0;
      if (mean > 0 && mean < Double.MAX_VALUE) { // else it is nowhere on a logarithmic axis
        least = Math.min(least, mean);
        most = Math.max(most, mean);
        steps[points] = step - (stepsPerPoint - 1) / 2.0;
        losses[points++] = mean;
      }
    }
  }

  /** Writes the picture, whole or not at all; a run without a finite loss has none. */
  void write(Path file) throws IOException {
    if (points == 0) {
      return;
    }
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(560)
            .title("Training " + model)
            .xAxisTitle("step")
            .yAxisTitle("loss (mean squared error)")
            .build();
    chart
        .getStyler()
        .setLocale(Locale.ROOT)
        .setYAxisDecimalPattern("0.##########")
        .setYAxisLogarithmic(most > LOGARITHMIC_FROM * least)
        .setXAxisMin(0.0)
        .setLegendVisible(false)
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBorderVisible(false);
    XYSeries series =
        chart.addSeries("loss", Arrays.copyOf(steps, points), Arrays.copyOf(losses, points));
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(new Color(0x1F77B4));
    series.setLineStyle(new BasicStroke(1.2f));
    BufferedImage picture = BitmapEncoder.getBufferedImage(chart);
    AtomicFile.write(
        file,
        out -> {
          try (ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(picture, "png", png);
          }
        });
  }
}
