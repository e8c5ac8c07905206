package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Convolution's weight gradient with positions in lanes: the kernel for few output channels in a
 * group. Each weight has a vector of partial sums; the batch is cut into a fixed number of chunks,
 * whose partial sums are added in order at the end, whatever the number of threads.
 */
final class WidthLanesWeightGradient implements Implementation<ConvolutionProblem> {
  private static final int CHUNKS = 16;

  /** Weights with more partial sums than this take too much memory. */
  private static final int MOST_WEIGHTS = 1 << 15;

  @Override
  public String name() {
    return "width-lanes";
  }

  @Override
  public boolean accepts(ConvolutionProblem p) {
    return p.weightSize() <= MOST_WEIGHTS
        && ConvolutionCost.widthLanesWeight(p) < ConvolutionCost.channelLanesWeight(p);
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    Accumulate accumulate = new Accumulate(problem);
    return new Kernel[] {accumulate, new Sum(problem, accumulate)};
  }

  /** Partial sums [chunk][output channel][term][lane], a task a chunk of images. */
  private static final class Accumulate implements Kernel {
    private final ConvolutionProblem p;
    private final Gather gather;
    private final Gather.Phase phase;
    private final int chunks;

    /** Positions of an image and channel. */
    private final int plane;

    /** Where in the task's scratch the array's last plane is copied to. */
    private final int planeAt;

    Accumulate(ConvolutionProblem p) {
      this.p = p;
      gather = new Gather(p, false, 1, LANES);
      phase = gather.phases.get(0);
      plane = p.outHeight() * p.outWidth();
      planeAt = Math.toIntExact(gather.packedSize());
      chunks = p.multiplyAdds() < 1 << 17 ? 1 : Math.min(CHUNKS, p.batch());
    }

    @Override
    public int tasks() {
      return chunks;
    }

    @Override
    public long sharedScratch() {
      return (long) chunks * p.weightSize() * LANES;
    }

    @Override
    public long taskScratch() {
      return (long) planeAt + plane + LANES;
    }

    @Override
    public void run(int chunk, Operands a, float[] scratch, int shared, int own) {
      int sums = shared + chunk * p.weightSize() * LANES;
      Arrays.fill(scratch, sums, sums + p.weightSize() * LANES, 0);
      int end = (int) ((long) p.batch() * (chunk + 1) / chunks);
      for (int image = (int) ((long) p.batch() * chunk / chunks); image < end; image++) {
        for (int group = 0; group < p.groups(); group++) {
          gather.pack(a, image, group, scratch, own);
          for (int o = 0; o < p.outPerGroup(); o++) {
            int channel = group * p.outPerGroup() + o;
            float[] gradient = a.gradOutput;
            int at = a.gradOutputAt + (image * p.outChannels() + channel) * plane;
            if (Tail.beyond(gradient, at + plane) > 0) { // vectors would reach beyond the array
              System.arraycopy(gradient, at, scratch, own + planeAt, plane);
              gradient = scratch;
              at = own + planeAt;
            }
            channel(
                scratch,
                own + phase.at(),
                gradient,
                at,
                sums + channel * phase.terms().length * LANES);
          }
        }
      }
    }

    private void channel(float[] packed, int at, float[] gradient, int gradientAt, int sums) {
      int[] terms = phase.terms();
      int t = 0;
      for (; t + 4 <= terms.length; t += 4) {
        four(
            packed,
            at,
            terms[t],
            terms[t + 1],
            terms[t + 2],
            terms[t + 3],
            gradient,
            gradientAt,
            sums + t * LANES);
      }
      for (; t < terms.length; t++) {
        one(packed, at + terms[t], gradient, gradientAt, sums + t * LANES);
      }
    }

    // The last vector of a row is masked on both sides: a zero gradient alone would not do beside
    // an input of NaN.

    private void four(
        float[] s,
        int at,
        int p0,
        int p1,
        int p2,
        int p3,
        float[] gradient,
        int gradientAt,
        int sums) {
      int width = phase.columns();
      int whole = F.loopBound(width);
      VectorMask<Float> rest = F.indexInRange(whole, width);
      FloatVector x0 = FloatVector.fromArray(F, s, sums);
      FloatVector x1 = FloatVector.fromArray(F, s, sums + LANES);
      FloatVector x2 = FloatVector.fromArray(F, s, sums + 2 * LANES);
      FloatVector x3 = FloatVector.fromArray(F, s, sums + 3 * LANES);
      for (int row = 0; row < phase.rows(); row++) {
        int line = at + row * phase.rowStep();
        int g = gradientAt + row * width;
        for (int x = 0; x < whole; x += LANES) {
          FloatVector v = FloatVector.fromArray(F, gradient, g + x);
          x0 = FloatVector.fromArray(F, s, line + p0 + x).fma(v, x0);
          x1 = FloatVector.fromArray(F, s, line + p1 + x).fma(v, x1);
          x2 = FloatVector.fromArray(F, s, line + p2 + x).fma(v, x2);
          x3 = FloatVector.fromArray(F, s, line + p3 + x).fma(v, x3);
        }
        if (whole < width) {
          line += whole;
          FloatVector v = FloatVector.fromArray(F, gradient, g + whole, rest);
          x0 = FloatVector.fromArray(F, s, line + p0, rest).fma(v, x0);
          x1 = FloatVector.fromArray(F, s, line + p1, rest).fma(v, x1);
          x2 = FloatVector.fromArray(F, s, line + p2, rest).fma(v, x2);
          x3 = FloatVector.fromArray(F, s, line + p3, rest).fma(v, x3);
        }
      }
      x0.intoArray(s, sums);
      x1.intoArray(s, sums + LANES);
      x2.intoArray(s, sums + 2 * LANES);
      x3.intoArray(s, sums + 3 * LANES);
    }

    private void one(float[] s, int at, float[] gradient, int gradientAt, int sums) {
      int width = phase.columns();
      int whole = F.loopBound(width);
      VectorMask<Float> rest = F.indexInRange(whole, width);
      FloatVector sum = FloatVector.fromArray(F, s, sums);
      for (int row = 0; row < phase.rows(); row++) {
        int line = at + row * phase.rowStep();
        int g = gradientAt + row * width;
        for (int x = 0; x < whole; x += LANES) {
          FloatVector v = FloatVector.fromArray(F, gradient, g + x);
          sum = FloatVector.fromArray(F, s, line + x).fma(v, sum);
        }
        if (whole < width) {
          FloatVector v = FloatVector.fromArray(F, gradient, g + whole, rest);
          sum = FloatVector.fromArray(F, s, line + whole, rest).fma(v, sum);
        }
      }
      sum.intoArray(s, sums);
    }
  }

  /** Adds up chunks and lanes in order. */
  private record Sum(ConvolutionProblem p, Accumulate accumulate) implements Kernel {
    @Override
    public int tasks() {
      return 1;
    }

    @Override
    public long sharedScratch() {
      return accumulate.sharedScratch();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int weights = p.weightSize();
      for (int w = 0; w < weights; w++) {
        FloatVector sum = FloatVector.fromArray(F, scratch, shared + w * LANES);
        for (int chunk = 1; chunk < accumulate.chunks; chunk++) {
          sum = sum.add(FloatVector.fromArray(F, scratch, shared + (chunk * weights + w) * LANES));
        }
        a.gradWeight[a.gradWeightAt + w] = LaneSum.of(sum);
      }
    }
  }
}
