package io.github.lanewise.jmh.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;

/**
 * The picture of speeds as multiples of another arm's: bars that start at 1 on a logarithmic axis,
 * to the right where Lanewise is faster, to the left where it is slower.
 */
final class Bars {
  private static final int WIDTH = 1000;
  private static final int LEFT = 150;
  private static final int RIGHT = 60;
  private static final int TOP = 70;
  private static final int ROW = 26;
  private static final double[] GRID = {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100};
  private static final Color FORWARD = new Color(0x1f77b4);
  private static final Color BACKWARD = new Color(0xff7f0e);
  private static final Color STEP = new Color(0x2ca02c);

  private final Graphics2D graphics;
  private final double least;
  private final double most;

  /** A row: one bar for a training step, two for a problem. */
  private record Row(String name, double[] values) {}

  private Bars(Graphics2D graphics, List<Row> rows) {
    this.graphics = graphics;
    double low = 1;
    double high = 2;
    for (Row row : rows) {
      for (double value : row.values()) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    least = low / 1.1;
    most = high * 1.1;
  }

  /** Draws the training steps and problems for a number of threads. */
  static void draw(Figures figures, String arm, int threads, Path file) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String name : figures.names("TrainingStep")) {
      OptionalDouble step = figures.timesAsFast("TrainingStep", name, "", arm, threads);
      if (step.isPresent()) {
        rows.add(new Row("step of " + name, new double[] {step.getAsDouble()}));
      }
    }
    for (String name : figures.names("Convolution")) {
      OptionalDouble f = figures.timesAsFast("Convolution", name, "forward", arm, threads);
      OptionalDouble b = figures.timesAsFast("Convolution", name, "backward", arm, threads);
      if (f.isPresent() && b.isPresent()) {
        rows.add(new Row(name, new double[] {f.getAsDouble(), b.getAsDouble()}));
      }
    }
    BufferedImage image =
        new BufferedImage(WIDTH, TOP + ROW * rows.size() + 20, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, image.getHeight());
    new Bars(graphics, rows).draw(rows, threads, image.getHeight() - 20);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private void draw(List<Row> rows, int threads, int bottom) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    graphics.setColor(Color.BLACK);
    graphics.drawString(
        "Speed of Lanewise as a multiple of PyTorch's, "
            + (threads == 1 ? "one thread" : threads + " threads"),
        LEFT,
        22);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    key(LEFT, STEP, "training step");
    key(LEFT + 130, FORWARD, "forward");
    key(LEFT + 230, BACKWARD, "backward, all gradients");
    for (double value : GRID) {
      if (value >= least && value <= most) {
        graphics.setColor(value == 1 ? Color.DARK_GRAY : Color.LIGHT_GRAY);
        graphics.drawLine(x(value), TOP - 4, x(value), bottom);
        graphics.setColor(Color.BLACK);
        graphics.drawString(text(value), x(value) - 8, TOP - 8);
      }
    }
    int y = TOP;
    for (Row row : rows) {
      graphics.setColor(Color.BLACK);
      int width = graphics.getFontMetrics().stringWidth(row.name());
      graphics.drawString(row.name(), LEFT - 10 - width, y + ROW / 2 + 4);
      int thickness = (ROW - 6) / row.values().length;
      for (int i = 0; i < row.values().length; i++) {
        Color color = row.values().length == 1 ? STEP : i == 0 ? FORWARD : BACKWARD;
        bar(y + 3 + i * thickness, thickness, color, row.values()[i]);
      }
      y += ROW;
    }
  }

  private void key(int x, Color color, String text) {
    graphics.setColor(color);
    graphics.fillRect(x, 33, 12, 10);
    graphics.setColor(Color.BLACK);
    graphics.drawString(text, x + 18, 43);
  }

  private void bar(int y, int thickness, Color color, double value) {
    int one = x(1);
    int end = x(value);
    graphics.setColor(color);
    graphics.fillRect(Math.min(one, end), y, Math.max(1, Math.abs(end - one)), thickness - 1);
    graphics.setColor(Color.DARK_GRAY);
    graphics.setFont(graphics.getFont().deriveFont(10f));
    graphics.drawString(text(value), Math.max(one, end) + 4, y + thickness / 2 + 4);
    graphics.setFont(graphics.getFont().deriveFont(12f));
  }

  private static String text(double value) {
    String number = Table.number(value);
    return (number.contains(".") ? number.replaceFirst("\\.?0+$", "") : number) + "×";
  }

  private int x(double value) {
    double share = Math.log(value / least) / Math.log(most / least);
    return LEFT + (int) Math.round(share * (WIDTH - LEFT - RIGHT));
  }
}
