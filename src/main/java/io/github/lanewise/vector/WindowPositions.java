package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import jdk.incubator.vector.VectorMask;

/** Where the vectors of a window's positions lie. */
final class WindowPositions {
  /** Positions of a row. */
  final int columns;

  /** Floats from a row to the next in the packed input. */
  final int rowStep;

  /** Whole vectors of a row, and positions beyond them. */
  final int perRow;

  final int rest;

  /** Where the whole vectors of all rows lie in the packed input, and where in a plane. */
  final int[] whole;

  final int[] inPlane;

  /** The lanes of a row's last vector that are no positions. */
  final VectorMask<Float> off;

  WindowPositions(Gather.Phase phase, int rows, int columns) {
    this.columns = columns;
    rowStep = phase.rowStep();
    perRow = columns / LANES;
    rest = columns % LANES;
    off = F.indexInRange(0, rest).not();
    whole = new int[rows * perRow];
    inPlane = new int[whole.length];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = i / perRow * rowStep + i % perRow * LANES;
      inPlane[i] = i / perRow * phase.columns() + i % perRow * LANES;
    }
  }
}
