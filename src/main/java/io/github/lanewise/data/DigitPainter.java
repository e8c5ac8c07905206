package io.github.lanewise.data;

import java.util.Arrays;

/**
 * Draws one digit as a round pen would, antialiased: for every pixel the distance to the nearest
 * stroke decides how much of it is covered. Only float arithmetic that IEEE 754 defines exactly
 * ({@code + - * /} and square root) is used, so a digit has the same bytes on every machine.
 */
final class DigitPainter {
  private static final int SIDE = Mnist.SIDE;

  /** Straight pieces a curve between two points is cut into. */
  private static final int PIECES = 3;

  /** The width in pixels of the soft edge; MNIST's is wider than one pixel, being scaled down. */
  private static final float EDGE = 1.3f;

  /** Squared distance of each pixel's centre to the nearest stroke so far. */
  private final float[] squaredDistance = new float[SIDE * SIDE];

  /** Pixels whose centre is farther than this from every stroke are black. */
  private float reach;

  /** Draws a digit of random shape, size, slant, thickness and position into {@code target}. */
  void paint(int digit, SplitMix64 random, byte[] target, int offset) {
    DigitShapes.Shape[] shapes = DigitShapes.OF_DIGIT[digit];
    DigitShapes.Shape shape = shapes[random.nextInt(shapes.length)];
    float radius = random.nextFloat(0.95f, 1.5f) + random.nextFloat(0f, 0.35f);
    reach = radius + EDGE / 2;
    float height = random.nextFloat(15f, 20.5f) - 2 * radius;
    float width = height * shape.aspect() * random.nextFloat(0.85f, 1.25f);
    // Hands slant to the right more than to the left.
    float slant = random.nextFloat(-0.2f, 0.45f);
    // A turn by a small angle, its sine and cosine from the half angle's tangent: no library
    // function whose last bit differs between machines.
    float tangent = random.nextFloat(-0.08f, 0.08f);
    float cos = (1 - tangent * tangent) / (1 + tangent * tangent);
    float sin = 2 * tangent / (1 + tangent * tangent);
    float centreX = SIDE / 2f + random.nextFloat(-1.5f, 1.5f);
    float centreY = SIDE / 2f + random.nextFloat(-1.5f, 1.5f);

    int points = shape.x().length;
    float[] x = new float[points];
    float[] y = new float[points];
    for (int i = 0; i < points; i++) {
      float v = (shape.y()[i] - 0.5f) * height + random.nextFloat(-0.6f, 0.6f);
      float u = (shape.x()[i] - 0.5f) * width + random.nextFloat(-0.6f, 0.6f) - slant * v;
      x[i] = centreX + cos * u - sin * v;
      y[i] = centreY + sin * u + cos * v;
    }

    Arrays.fill(squaredDistance, reach * reach);
    for (int[] stroke : shape.strokes()) {
      curve(x, y, stroke);
    }
    for (int i = 0; i < SIDE * SIDE; i++) {
      float distance = (float) Math.sqrt(squaredDistance[i]);
      float coverage = Math.max(0f, Math.min(1f, (radius - distance) / EDGE + 0.5f));
      target[offset + i] = (byte) (int) (coverage * 255f + 0.5f);
    }
  }

  /** A Catmull-Rom curve through the points that {@code stroke} numbers. */
  private void curve(float[] x, float[] y, int[] stroke) {
    int last = stroke.length - 1;
    boolean closed = last > 1 && stroke[0] == stroke[last];
    for (int i = 0; i < last; i++) {
      int p1 = stroke[i];
      int p2 = stroke[i + 1];
      int p0 = i > 0 ? stroke[i - 1] : closed ? stroke[last - 1] : p1;
      int p3 = i + 1 < last ? stroke[i + 2] : closed ? stroke[1] : p2;
      int pieces = last == 1 ? 1 : PIECES;
      float fromX = x[p1];
      float fromY = y[p1];
      for (int piece = 1; piece <= pieces; piece++) {
        float t = (float) piece / pieces;
        float toX = catmullRom(x[p0], x[p1], x[p2], x[p3], t);
        float toY = catmullRom(y[p0], y[p1], y[p2], y[p3], t);
        line(fromX, fromY, toX, toY);
        fromX = toX;
        fromY = toY;
      }
    }
  }

  private static float catmullRom(float p0, float p1, float p2, float p3, float t) {
    float c1 = p2 - p0;
    float c2 = 2 * p0 - 5 * p1 + 4 * p2 - p3;
    float c3 = 3 * (p1 - p2) + p3 - p0;
    return 0.5f * (2 * p1 + t * (c1 + t * (c2 + t * c3)));
  }

  /** Lowers the distances of the pixels around a straight line. */
  private void line(float x0, float y0, float x1, float y1) {
    float dx = x1 - x0;
    float dy = y1 - y0;
    float scale = 1 / Math.max(dx * dx + dy * dy, 1e-6f);
    // Pixel (column, row) has its centre at (column + 0.5, row + 0.5).
    int left = Math.max(0, (int) (Math.min(x0, x1) - reach));
    int right = Math.min(SIDE - 1, (int) (Math.max(x0, x1) + reach));
    int top = Math.max(0, (int) (Math.min(y0, y1) - reach));
    int bottom = Math.min(SIDE - 1, (int) (Math.max(y0, y1) + reach));
    for (int row = top; row <= bottom; row++) {
      float py = row + 0.5f - y0;
      for (int column = left; column <= right; column++) {
        float px = column + 0.5f - x0;
        float t = (px * dx + py * dy) * scale;
        float along = Math.max(0f, Math.min(1f, t));
        float ex = px - along * dx;
        float ey = py - along * dy;
        int i = row * SIDE + column;
        squaredDistance[i] = Math.min(squaredDistance[i], ex * ex + ey * ey);
      }
    }
  }
}
