package io.github.lanewise.jmh.report;

import java.awt.BasicStroke;
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
 * The picture of speeds as multiples of another arm's: bars from 0 on a linear axis, with a line at
 * 1. A bar that does not fit is cut, visibly; each has its number beside it.
 */
final class Bars {
  private static final int WIDTH = 1000;
  private static final int LEFT = 190;
  private static final int RIGHT = 70;
  private static final int TOP = 80;
  private static final int ROW = 26;

  /** Where bars are cut: with the few that are ten times as long, the others could not be read. */
  private static final double MOST = 5;

  private static final Color STEP = new Color(0x2ca02c);
  private static final Color FORWARD = new Color(0x1f77b4);
  private static final Color BACKWARD = new Color(0xff7f0e);
  private static final Color PRODUCT = new Color(0x9467bd);

  private final Graphics2D graphics;
  private final double most;

  /** A row of one or two bars. */
  private record Row(String name, List<Bar> bars) {}

  private record Bar(Color color, double value) {}

  private Bars(Graphics2D graphics, List<Row> rows) {
    this.graphics = graphics;
    double longest =
        rows.stream().flatMap(row -> row.bars().stream()).mapToDouble(Bar::value).max().orElse(1);
    most = Math.clamp(Math.ceil(longest * 2) / 2, 1.5, MOST);
  }

  /**
   * Draws the training steps, problems and products for a number of threads.
   *
   * @return whether there was anything to draw
   */
  static boolean draw(Figures figures, String arm, int threads, Path file) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String name : figures.names("TrainingStep")) {
      List<Bar> bars = new ArrayList<>();
      add(bars, STEP, figures.timesAsFast("TrainingStep", name, "", arm, threads));
      rows.add(new Row("step of " + name, bars));
    }
    for (String name : figures.names("Convolution")) {
      List<Bar> bars = new ArrayList<>();
      add(bars, FORWARD, figures.timesAsFast("Convolution", name, "forward", arm, threads));
      add(bars, BACKWARD, figures.timesAsFast("Convolution", name, "backward", arm, threads));
      rows.add(new Row(name, bars));
    }
    for (String name : figures.names("MatrixProduct")) {
      List<Bar> bars = new ArrayList<>();
      add(bars, PRODUCT, figures.timesAsFast("MatrixProduct", name, "", arm, threads));
      rows.add(new Row(name, bars));
    }
    rows.removeIf(row -> row.bars().isEmpty());
    if (rows.isEmpty()) {
      return false;
    }
    BufferedImage image =
        new BufferedImage(WIDTH, TOP + ROW * rows.size() + 20, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, image.getHeight());
    new Bars(graphics, rows).draw(rows, threads, image.getHeight() - 12);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
    return true;
  }

  private static void add(List<Bar> bars, Color color, OptionalDouble value) {
    value.ifPresent(v -> bars.add(new Bar(color, v)));
  }

  private void draw(List<Row> rows, int threads, int bottom) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    graphics.setColor(Color.BLACK);
    graphics.drawString(
        "Speed of Lanewise as a multiple of PyTorch's, " + Table.threads(threads), LEFT, 22);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    key(LEFT, STEP, "training step");
    key(LEFT + 130, FORWARD, "forward");
    key(LEFT + 220, BACKWARD, "backward, all gradients");
    key(LEFT + 400, PRODUCT, "matrix product");
    for (int value = 0; value <= most; value++) {
      graphics.setColor(Color.LIGHT_GRAY);
      graphics.drawLine(x(value), TOP - 4, x(value), bottom);
      graphics.setColor(Color.BLACK);
      centred(value == 0 ? "0" : value + "×", x(value), TOP - 8);
    }
    int y = TOP;
    for (Row row : rows) {
      graphics.setColor(Color.BLACK);
      int width = graphics.getFontMetrics().stringWidth(row.name());
      graphics.drawString(row.name(), LEFT - 10 - width, y + ROW / 2 + 4);
      int thickness = (ROW - 4) / 2;
      int at = y + (ROW - thickness * row.bars().size()) / 2;
      for (Bar bar : row.bars()) {
        draw(bar, at, thickness);
        at += thickness;
      }
      y += ROW;
    }
    graphics.setColor(Color.BLACK);
    graphics.fillRect(x(1), TOP - 4, 2, bottom - TOP + 4);
  }

  private void key(int x, Color color, String text) {
    graphics.setColor(color);
    graphics.fillRect(x, 34, 12, 10);
    graphics.setColor(Color.BLACK);
    graphics.drawString(text, x + 18, 44);
  }

  private void centred(String text, int x, int y) {
    graphics.drawString(text, x - graphics.getFontMetrics().stringWidth(text) / 2, y);
  }

  private void draw(Bar bar, int y, int thickness) {
    int end = x(Math.min(bar.value(), most));
    graphics.setColor(bar.color());
    graphics.fillRect(x(0), y, Math.max(1, end - x(0)), thickness - 1);
    if (bar.value() > most) {
      graphics.setColor(Color.WHITE); // two slanted gaps near the end
      graphics.setStroke(new BasicStroke(3));
      graphics.drawLine(end - 18, y + thickness, end - 12, y - 1);
      graphics.drawLine(end - 10, y + thickness, end - 4, y - 1);
      graphics.setStroke(new BasicStroke(1));
    }
    graphics.setColor(bar.value() < 1 ? new Color(0xb00000) : Color.DARK_GRAY);
    graphics.setFont(graphics.getFont().deriveFont(10f));
    int beside = bar.value() < 1 ? Math.max(end, x(1)) : end; // not across the line at 1
    graphics.drawString(text(bar.value()), beside + 5, y + thickness / 2 + 4);
    graphics.setFont(graphics.getFont().deriveFont(12f));
  }

  private static String text(double value) {
    String number = Table.number(value);
    return (number.contains(".") ? number.replaceFirst("\\.?0+$", "") : number) + "×";
  }

  private int x(double value) {
    return LEFT + (int) Math.round(value / most * (WIDTH - LEFT - RIGHT));
  }
}
