package io.github.lanewise.vector;

/** Splits a number of rows into tile heights, with as little waste as possible. */
final class TileSplit {
  /** Longer runs begin with the tallest tile; a table covers what remains. */
  private static final int TABLE = 64;

  private TileSplit() {}

  /**
   * For each number of rows below {@link #TABLE}: the first tile's height and the rows wasted by
   * the whole split.
   *
   * @param heights tile heights, tallest first
   */
  static int[][] table(int... heights) {
    int[] next = new int[TABLE];
    int[] waste = new int[TABLE];
    int[] times = new int[TABLE];
    for (int rows = 1; rows < TABLE; rows++) {
      int best = Integer.MAX_VALUE;
      for (int height : heights) {
        int rest = Math.max(0, rows - height);
        int wasted = waste[rest] + Math.max(0, height - rows);
        int time = time(height, heights[0]) + times[rest];
        if (time < best || time == best && wasted < waste[rows]) {
          best = time;
          next[rows] = height;
          waste[rows] = wasted;
        }
      }
      times[rows] = best;
    }
    return new int[][] {next, waste, {heights[0]}};
  }

  /**
   * Twice the time of a tile, in rows of the tallest. Measured: where 8 rows are possible, 4 take
   * nearly as long as 6 would; where 5 are, 4 take as long as they, and 3 as long as 4 would, since
   * so few sums wait for each other.
   */
  private static int time(int height, int tallest) {
    int rows = tallest >= 8 ? Math.max(height, 6) : Math.min(height + 1, tallest);
    return 2 * rows + 1;
  }

  /** The height of the first tile for so many rows. */
  static int next(int[][] table, int rows) {
    return rows < TABLE ? table[0][rows] : table[2][0];
  }

  /** Rows that the split computes beyond the last. */
  static int slack(int[][] table, int rows) {
    int tallest = table[2][0];
    int rest = rows < TABLE ? rows : TABLE - tallest + (rows - (TABLE - tallest)) % tallest;
    return table[1][rest];
  }
}
