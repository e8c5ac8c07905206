package io.github.lanewise.vector;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.UnpooledProblem;
import io.github.lanewise.scalar.FillValue;
import java.util.Arrays;

/**
 * A transposed convolution of unpooled values that skips the positions without one: for each of the
 * others, its channels' values times their weights are added to the outputs that its taps reach.
 *
 * <p>The values of an image are sorted by position first, so that the outputs of a position are
 * loaded and stored once for all channels that have a value there.
 */
final class UnpooledForward implements Implementation<UnpooledProblem> {
  /** Values at a position, on average. */
  private static final int LEAST_VALUES = 8;

  @Override
  public String name() {
    return "scatter-add sparse";
  }

  @Override
  public boolean accepts(UnpooledProblem problem) {
    return UnpooledLayout.suits(problem);
  }

  @Override
  public boolean pays(UnpooledProblem problem) {
    // with few values at a position, their outputs are loaded and stored too often
    int values = problem.dual().outChannels() * problem.entries();
    return values >= LEAST_VALUES * problem.plane();
  }

  @Override
  public Kernel[] kernels(UnpooledProblem problem) {
    UnpooledLayout layout = new UnpooledLayout(problem);
    Kernel weights = layout.packWeights();
    FillValue fill = new FillValue(problem, CacheLine.up(weights.sharedScratch()));
    return new Kernel[] {
      VectorIndexed.check(problem.indexed()), weights, fill.output(), new Compute(layout, fill)
    };
  }

  /** A task an image. */
  private static final class Compute implements Kernel {
    private final UnpooledLayout layout;
    private final FillValue fill;
    private final int positions;
    private final int pairs;

    // the task's scratch: the uncropped output, where the pairs of each position
    // begin, the pairs
    private final int firstAt;
    private final int pairsAt;

    Compute(UnpooledLayout layout, FillValue fill) {
      this.layout = layout;
      this.fill = fill;
      positions = layout.problem.plane();
      pairs = layout.channels * layout.problem.entries();
      firstAt = layout.planeSize();
      pairsAt = firstAt + positions + 1;
    }

    @Override
    public int tasks() {
      return layout.p.batch();
    }

    @Override
    public long sharedScratch() {
      return fill.end();
    }

    @Override
    public long taskScratch() {
      return pairsAt + 2L * pairs;
    }

    @Override
    public void run(int image, Operands a, float[] scratch, int shared, int own) {
      sort(image, a, scratch, own);
      Arrays.fill(scratch, own, own + layout.planeSize(), 0);
      for (SparseTile tile : layout.tiles) {
        int from = 0;
        for (int position = 0; position < positions; position++) {
          int end = Float.floatToRawIntBits(scratch[own + firstAt + position]);
          if (end > from) {
            SparseRows.run(
                tile,
                scratch,
                own + pairsAt + 2 * from,
                end - from,
                scratch,
                shared + layout.inWeights(tile),
                layout.weightPitch,
                scratch,
                own + layout.place(position) + layout.inPlane(tile),
                layout.planePitch);
          }
          from = end;
        }
      }
      crop(image, a, scratch, shared, own);
    }

    /** Sorts the values by position and leaves where those of each position end. */
    private void sort(int image, Operands a, float[] scratch, int own) {
      int entries = layout.problem.entries();
      int first = own + firstAt;
      int indices = a.indicesAt + image * pairs;
      Arrays.fill(scratch, first, first + positions + 1, 0);
      for (int i = 0; i < pairs; i++) { // how many: beside the position
        add(scratch, first + 1 + a.indices[indices + i], 1);
      }
      for (int i = 1; i < positions; i++) { // where each begins
        add(scratch, first + i, Float.floatToRawIntBits(scratch[first + i - 1]));
      }
      int values = a.inputAt + image * pairs;
      for (int channel = 0; channel < layout.channels; channel++) {
        float fillValue = UnpooledLayout.fillValue(a, channel);
        int weights = channel * layout.weights;
        for (int i = channel * entries; i < (channel + 1) * entries; i++) {
          int place = add(scratch, first + a.indices[indices + i], 1); // at last: where each ends
          float value = a.input[values + i] - fillValue;
          SparseRows.put(value, weights, scratch, own + pairsAt + 2 * place);
        }
      }
    }

    /** Adds to an int that is kept in scratch memory; returns what it was. */
    private static int add(float[] scratch, int at, int summand) {
      int old = Float.floatToRawIntBits(scratch[at]);
      scratch[at] = Float.intBitsToFloat(old + summand);
      return old;
    }

    /** Brings what lies in the output to it, with bias and fill value. */
    private void crop(int image, Operands a, float[] scratch, int shared, int own) {
      ConvolutionProblem p = layout.p;
      int plane = layout.problem.resultPlane();
      int to = a.outputAt + image * layout.results * plane;
      if (layout.reachedRows < p.inHeight() || layout.reachedColumns < p.inWidth()) {
        for (int o = 0; o < layout.results; o++) {
          float bias = a.bias == null ? 0 : a.bias[a.biasAt + o];
          Arrays.fill(a.output, to + o * plane, to + (o + 1) * plane, bias);
        }
      }
      for (int y = 0; y < layout.reachedRows; y++) {
        int line = (y + p.paddingHeight()) * layout.columns + p.paddingWidth();
        Transpose.run(
            scratch,
            own + line * layout.width,
            layout.width,
            layout.reachedColumns,
            layout.results,
            a.output,
            to + y * p.inWidth(),
            plane,
            a.bias,
            a.biasAt);
      }
      fill.addTo(a.output, to, a, scratch, shared);
    }
  }
}
