package io.github.lanewise.scalar;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.FloatSum;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.UnpooledProblem;
import java.util.Arrays;

/**
 * What the fill value of a transposed convolution's unpooled input adds: as it is the same for all
 * images and positions, its share of the output is that of one image, and its share of the weights'
 * gradient needs sums of gradOutput only. So these plain loops take no time beside those over the
 * values, and serve the vector kernels too. Without a fill value they do nothing.
 */
public final class FillValue {
  private final UnpooledProblem problem;
  private final ConvolutionProblem p;

  /** Where this begins in the shared scratch memory: first an image, then sums for each tap. */
  private final int at;

  private final int sumsAt;

  /**
   * @param problem the problem
   * @param at floats of shared scratch memory that come before
   */
  public FillValue(UnpooledProblem problem, long at) {
    this.problem = problem;
    this.at = Math.toIntExact(at);
    p = problem.dual();
    sumsAt = Math.toIntExact(at + p.inputImage());
  }

  /** Where this ends in the shared scratch memory. */
  public long end() {
    return (long) sumsAt + p.inChannels() * p.taps();
  }

  /** A kernel with a task for each output channel, which writes to the shared scratch memory. */
  private abstract class ResultChannels implements Kernel {
    @Override
    public final int tasks() {
      return p.inChannels();
    }

    @Override
    public final long sharedScratch() {
      return end();
    }

    @Override
    public final void run(int o, Operands a, float[] scratch, int shared, int own) {
      if (wanted(a)) {
        channel(o, a, scratch, shared);
      }
    }

    abstract boolean wanted(Operands a);

    abstract void channel(int o, Operands a, float[] scratch, int shared);
  }

  /** Leaves the fill value's share of an output image, without the bias. */
  public Kernel output() {
    return new ResultChannels() {
      @Override
      boolean wanted(Operands a) {
        return a.fillValue != null;
      }

      @Override
      void channel(int o, Operands a, float[] scratch, int shared) {
        int plane = problem.resultPlane();
        int line = shared + at + o * plane;
        int sums = shared + sumsAt + o * p.taps();
        Arrays.fill(scratch, line, line + plane, 0);
        Arrays.fill(scratch, sums, sums + p.taps(), 0);
        int first = o / p.inPerGroup() * p.outPerGroup();
        for (int c = first; c < first + p.outPerGroup(); c++) {
          float fill = a.fillValue[a.fillValueAt + c];
          int weights = weight(c, o, 0, a);
          for (int t = 0; t < p.taps(); t++) {
            scratch[sums + t] += fill * a.weight[weights + t];
          }
        }
        for (int t = 0; t < p.taps(); t++) {
          float sum = scratch[sums + t];
          int x0 = firstColumn(t);
          int columns = endColumn(t) - x0;
          for (int y = firstRow(t); y < endRow(t); y++) {
            add(sum, scratch, line + place(t, y, x0), columns, p.strideWidth());
          }
        }
      }
    };
  }

  private static void add(float summand, float[] to, int at, int n, int step) {
    if (step == 1) { // a loop that C2 vectorises
      for (int i = 0; i < n; i++) {
        to[at + i] += summand;
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      to[at + i * step] += summand;
    }
  }

  /** Adds what {@link #output} left to an image of the output. */
  public void addTo(float[] output, int outputAt, Operands a, float[] scratch, int shared) {
    if (a.fillValue != null) {
      int from = shared + at;
      add(scratch, from, output, outputAt, p.inputImage());
    }
  }

  private static void add(float[] x, int from, float[] to, int at, int n) {
    for (int i = 0; i < n; i++) {
      to[at + i] += x[from + i];
    }
  }

  private static double sum(float[] x, int at, int n, int step) {
    if (step == 1) {
      return FloatSum.of(x, at, Math.max(0, n));
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += x[at + i * step];
    }
    return sum;
  }

  /**
   * Leaves, for each output channel and tap, the sum of gradOutput over all images and all input
   * positions whose tap this is: the weights' gradient of an input of ones.
   */
  public Kernel weightSums() {
    return new ResultChannels() {
      @Override
      boolean wanted(Operands a) {
        return a.fillValue != null || a.gradFillValue != null;
      }

      @Override
      void channel(int o, Operands a, float[] scratch, int shared) {
        int plane = problem.resultPlane();
        int line = shared + at + o * plane;
        Arrays.fill(scratch, line, line + plane, 0);
        for (int image = 0; image < p.batch(); image++) {
          int from = a.gradOutputAt + image * p.inputImage() + o * plane;
          add(a.gradOutput, from, scratch, line, plane);
        }
        for (int t = 0; t < p.taps(); t++) {
          double sum = 0;
          int x0 = firstColumn(t);
          int columns = endColumn(t) - x0;
          for (int y = firstRow(t); y < endRow(t); y++) {
            sum += sum(scratch, line + place(t, y, x0), columns, p.strideWidth());
          }
          scratch[shared + sumsAt + o * p.taps() + t] = (float) sum;
        }
      }
    };
  }

  /** Adds the fill value's share to the weights' gradient of an input channel. */
  public void addWeightSums(int channel, Operands a, float[] scratch, int shared) {
    if (a.fillValue == null) {
      return;
    }
    float fill = a.fillValue[a.fillValueAt + channel];
    int first = channel / p.outPerGroup() * p.inPerGroup();
    for (int o = first; o < first + p.inPerGroup(); o++) {
      for (int t = 0; t < p.taps(); t++) {
        a.gradWeight[a.gradWeightAt + weight(channel, o, t, a) - a.weightAt] +=
            fill * scratch[shared + sumsAt + o * p.taps() + t];
      }
    }
  }

  /**
   * The gradient of the fill value, an input channel a task: that of the whole plane, less what the
   * values have of it. The kernels of {@link #weightSums} and of the values come before.
   */
  public Kernel gradient() {
    return new Kernel() {
      @Override
      public int tasks() {
        return p.outChannels();
      }

      @Override
      public long sharedScratch() {
        return end();
      }

      @Override
      public void run(int channel, Operands a, float[] scratch, int shared, int own) {
        if (a.gradFillValue == null) {
          return;
        }
        double sum = 0;
        int first = channel / p.outPerGroup() * p.inPerGroup();
        for (int o = first; o < first + p.inPerGroup(); o++) {
          for (int t = 0; t < p.taps(); t++) {
            double weight = a.weight[weight(channel, o, t, a)];
            sum += weight * scratch[shared + sumsAt + o * p.taps() + t];
          }
        }
        for (int image = 0; image < p.batch(); image++) {
          int from = a.gradInputAt + (image * p.outChannels() + channel) * problem.entries();
          sum -= FloatSum.of(a.gradInput, from, problem.entries());
        }
        a.gradFillValue[a.gradFillValueAt + channel] = (float) sum;
      }
    };
  }

  private int weight(int channel, int o, int tap, Operands a) {
    return a.weightAt + (channel * p.inPerGroup() + o % p.inPerGroup()) * p.taps() + tap;
  }

  /** Where in an output plane the tap of an input position lies. */
  private int place(int tap, int y, int x) {
    return (y * p.strideHeight() + rowShift(tap)) * p.inWidth()
        + x * p.strideWidth()
        + columnShift(tap);
  }

  private int rowShift(int tap) {
    return tap / p.kernelWidth() * p.dilationHeight() - p.paddingHeight();
  }

  private int columnShift(int tap) {
    return tap % p.kernelWidth() * p.dilationWidth() - p.paddingWidth();
  }

  private int firstRow(int tap) {
    return ConvolutionProblem.firstInside(rowShift(tap), p.strideHeight());
  }

  private int endRow(int tap) {
    return ConvolutionProblem.endInside(
        rowShift(tap), p.strideHeight(), p.inHeight(), p.outHeight());
  }

  private int firstColumn(int tap) {
    return ConvolutionProblem.firstInside(columnShift(tap), p.strideWidth());
  }

  private int endColumn(int tap) {
    return ConvolutionProblem.endInside(
        columnShift(tap), p.strideWidth(), p.inWidth(), p.outWidth());
  }
}
