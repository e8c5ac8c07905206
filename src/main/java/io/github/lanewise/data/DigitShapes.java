package io.github.lanewise.data;

/**
 * How each digit is written, as pens go: a shape is a list of points and of strokes through them. A
 * stroke is a smooth curve (Catmull-Rom) through its points; one of two points is a straight line,
 * one that ends where it began is a closed loop, and a corner is a point where one stroke ends and
 * another begins.
 *
 * <p>Points are in percent of the digit's box, x to the right, y down. A digit has several shapes;
 * one that is listed twice is twice as frequent.
 */
final class DigitShapes {

  /** A way to write a digit: its width over its height, its points, its strokes. */
  record Shape(float aspect, float[] x, float[] y, int[][] strokes) {}

  /** The shapes of each digit. */
  static final Shape[][] OF_DIGIT = {
    { // 0
      shape(0.72f, "52 0, 20 10, 0 50, 18 90, 50 100, 82 88, 100 48, 84 10", "0 1 2 3 4 5 6 7 0"),
      shape(
          0.85f,
          "60 2, 22 12, 0 52, 14 88, 45 100, 82 88, 100 48, 88 12, 55 0, 40 4",
          "0 1 2 3 4 5 6 7 8 9"),
    },
    { // 1
      shape(0.12f, "50 0, 55 50, 50 100", "0 1 2"),
      shape(0.12f, "50 0, 40 50, 50 100", "0 1 2"),
      shape(0.12f, "50 0, 50 100", "0 1"),
      shape(0.45f, "0 26, 60 0, 60 100", "0 1, 1 2"),
      shape(0.60f, "12 24, 52 0, 52 100, 0 100, 100 98", "0 1, 1 2, 3 4"),
    },
    { // 2
      shape(
          0.72f,
          "4 24, 30 1, 74 5, 90 28, 66 58, 32 82, 0 100, 50 98, 100 97",
          "0 1 2 3 4 5 6, 6 7 8"),
      shape(
          0.85f,
          "6 20, 36 0, 78 8, 82 36, 52 72, 20 98, 0 92, 12 76, 40 84, 70 98, 100 92",
          "0 1 2 3 4 5 6 7 8 9 10"),
    },
    { // 3
      shape(
          0.68f,
          "6 12, 42 0, 82 10, 80 32, 36 46, 86 58, 98 80, 62 100, 22 98, 0 86",
          "0 1 2 3 4, 4 5 6 7 8 9"),
      shape(0.68f, "2 2, 92 0, 42 40, 86 52, 98 76, 64 99, 24 98, 0 88", "0 1, 1 2, 2 3 4 5 6 7"),
    },
    { // 4
      shape(0.75f, "14 2, 6 28, 10 52, 50 56, 96 50, 86 0, 80 50, 72 100", "0 1 2, 2 3 4, 5 6 7"),
      shape(0.75f, "14 2, 0 40, 22 56, 66 52, 90 30, 94 0, 84 50, 78 100", "0 1 2 3 4, 5 6 7"),
      shape(0.78f, "68 0, 0 66, 100 64, 72 100", "0 1, 1 2, 0 3"),
    },
    { // 5
      shape(0.72f, "96 0, 22 3, 12 44, 50 36, 90 54, 86 84, 46 100, 0 90", "0 1, 1 2, 2 3 4 5 6 7"),
      shape(
          0.72f,
          "100 2, 60 6, 26 2, 16 40, 56 46, 88 66, 74 94, 34 100, 0 88",
          "0 1 2, 2 3, 3 4 5 6 7 8"),
    },
    { // 6
      shape(
          0.66f,
          "78 0, 36 20, 6 56, 10 86, 46 100, 86 88, 92 64, 54 50, 14 68",
          "0 1 2 3 4 5 6 7 8"),
      shape(
          0.55f,
          "50 0, 18 30, 0 66, 18 94, 52 100, 92 86, 90 64, 52 58, 12 80",
          "0 1 2 3 4 5 6 7 8"),
    },
    { // 7
      shape(0.72f, "2 6, 50 4, 100 2, 66 46, 42 100", "0 1 2, 2 3 4"),
      shape(0.72f, "0 20, 4 5, 52 4, 100 2, 68 46, 50 100", "0 1, 1 2 3, 3 4 5"),
      shape(0.75f, "2 5, 50 4, 98 2, 64 46, 40 100, 28 52, 90 48", "0 1 2, 2 3 4, 5 6"),
    },
    { // 8
      shape(
          0.62f,
          "86 12, 50 0, 12 14, 26 38, 72 60, 92 82, 50 100, 8 84, 26 60, 74 38",
          "0 1 2 3 4 5 6 7 8 9 0"),
      shape(
          0.62f,
          "50 0, 12 12, 14 36, 50 47, 88 36, 90 12, 100 74, 82 96, 48 100, 8 94, 0 70",
          "0 1 2 3 4 5 0, 3 6 7 8 9 10 3"),
    },
    { // 9
      shape(0.66f, "86 18, 50 0, 10 14, 6 38, 38 50, 78 36, 84 62, 70 100", "0 1 2 3 4 5 0, 0 6 7"),
      shape(
          0.66f,
          "92 14, 54 0, 12 14, 8 38, 42 50, 80 36, 92 60, 70 94, 30 100, 8 92",
          "0 1 2 3 4 5 0, 0 6 7 8 9"),
    },
  };

  private DigitShapes() {}

  private static Shape shape(float aspect, String points, String strokes) {
    String[] pairs = points.split(", ");
    float[] x = new float[pairs.length];
    float[] y = new float[pairs.length];
    for (int i = 0; i < pairs.length; i++) {
      String[] pair = pairs[i].split(" ");
      x[i] = Integer.parseInt(pair[0]) / 100f;
      y[i] = Integer.parseInt(pair[1]) / 100f;
    }
    String[] lists = strokes.split(", ");
    int[][] indices = new int[lists.length][];
    for (int i = 0; i < lists.length; i++) {
      String[] list = lists[i].split(" ");
      indices[i] = new int[list.length];
      for (int j = 0; j < list.length; j++) {
        indices[i][j] = Integer.parseInt(list[j]);
      }
    }
    return new Shape(aspect, x, y, indices);
  }
}
