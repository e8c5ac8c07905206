package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.F;
import static io.github.lanewise.vector.VectorWidth.LANES;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.FloatPair;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.UnpooledProblem;
import io.github.lanewise.scalar.FillValue;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradients of a transposed convolution of unpooled values, which are the only positions that
 * take part: for each value, the scalar product of its channel's weights with the gradients that
 * its taps reach; and for the weights, the value times these gradients. To pack the gradient takes
 * as long as either of the two, so that one pass does both.
 */
final class UnpooledBackward implements Implementation<UnpooledProblem> {
  /** Parts of the batch, each with sums of its own. */
  private static final int PARTS = 16;

  /** Floats of gradient that stay in the first cache. */
  private static final int CACHED = 10 << 10;

  @Override
  public String name() {
    return "channel-lanes sparse";
  }

  @Override
  public boolean accepts(UnpooledProblem problem) {
    return UnpooledLayout.suits(problem);
  }

  /** Where rows are left out, their gradient is summed for the bias as it lies. */
  @Override
  public boolean takesNormalization(UnpooledProblem problem) {
    UnpooledLayout layout = new UnpooledLayout(problem);
    return layout.reachedRows == layout.p.inHeight();
  }

  @Override
  public Kernel[] kernels(UnpooledProblem problem) {
    UnpooledLayout layout = new UnpooledLayout(problem);
    Images images = new Images(layout);
    FillValue fill = new FillValue(problem, CacheLine.up(images.sharedScratch()));
    return new Kernel[] {
      VectorIndexed.check(problem.indexed()),
      layout.packWeights(),
      fill.weightSums(),
      images,
      new Unpack(images, fill),
      new BiasGradient(images),
      fill.gradient()
    };
  }

  /** A task a part of the batch. */
  private static final class Images implements Kernel {
    private final UnpooledLayout layout;
    private final int parts;

    /** Entries of a channel at a time: what their taps reach stays in the first cache. */
    private final int band;

    // the shared scratch: packed weights, sums of each part, those of the bias as pairs of floats
    private final int sumsAt;
    private final int biasAt;

    // the task's scratch: the packed gradient, pairs, sums of lanes, the same transposed, rows of
    // the gradient
    private final int pairsAt;
    private final int lanesAt;
    private final int turnedAt;
    private final int copiesAt;

    Images(UnpooledLayout layout) {
      this.layout = layout;
      parts = Math.min(PARTS, layout.p.batch());
      int entries = layout.problem.entries();
      int bands = Math.clamp(layout.planeSize() / CACHED, 1, (entries + LANES - 1) / LANES);
      band = ((entries + bands - 1) / bands + LANES - 1) / LANES * LANES;
      sumsAt = CacheLine.up(layout.channels * layout.weights);
      biasAt = Math.toIntExact(sumsAt + (long) parts * layout.channels * layout.weights);
      pairsAt = CacheLine.up(layout.planeSize());
      lanesAt = pairsAt + CacheLine.up(2 * band);
      turnedAt = lanesAt + band * LANES;
      copiesAt = turnedAt + band * LANES;
    }

    @Override
    public int tasks() {
      return parts;
    }

    @Override
    public long sharedScratch() {
      return biasAt + 2L * parts * layout.results;
    }

    @Override
    public long taskScratch() {
      return copiesAt + (long) layout.gradientScratch();
    }

    @Override
    public void run(int part, Operands a, float[] scratch, int shared, int own) {
      int size = layout.channels * layout.weights;
      int sums = shared + sumsAt + part * size;
      Arrays.fill(scratch, sums, sums + size, 0);
      int begin = (int) ((long) layout.p.batch() * part / parts);
      int end = (int) ((long) layout.p.batch() * (part + 1) / parts);
      int entries = layout.problem.entries();
      Arrays.fill(scratch, own, own + layout.planeSize(), 0);
      int bias = shared + biasAt + 2 * part * layout.results;
      Arrays.fill(scratch, bias, bias + 2 * layout.results, 0);
      for (int image = begin; image < end; image++) {
        layout.packGradient(image, a, scratch, own, bias, own + copiesAt);
        for (int first = 0; first < entries; first += band) {
          int count = Math.min(band, entries - first);
          for (int channel = 0; channel < layout.channels; channel++) {
            layout.pairs(image, channel, first, count, a, scratch, own + pairsAt);
            if (a.gradInput != null) {
              dots(image, channel, first, count, a, scratch, shared, own);
            }
            products(channel, count, scratch, own, sums + channel * layout.weights);
          }
        }
      }
    }

    private void products(int channel, int count, float[] scratch, int own, int sums) {
      for (SparseTile tile : layout.tiles) {
        SparseRows.run(
            tile,
            scratch,
            own + pairsAt,
            count,
            scratch,
            own + layout.inPlane(tile),
            layout.planePitch,
            scratch,
            sums + layout.inWeights(tile),
            layout.weightPitch);
      }
    }

    private void dots(
        int image,
        int channel,
        int first,
        int count,
        Operands a,
        float[] scratch,
        int shared,
        int own) {
      boolean add = false;
      for (SparseTile tile : layout.tiles) {
        SparseDots.run(
            tile,
            scratch,
            own + pairsAt,
            count,
            scratch,
            own + layout.inPlane(tile),
            layout.planePitch,
            scratch,
            shared + channel * layout.weights + layout.inWeights(tile),
            layout.weightPitch,
            scratch,
            own + lanesAt,
            add);
        add = true;
      }
      int to = (image * layout.channels + channel) * layout.problem.entries() + first;
      addLanes(scratch, own, a.gradInput, a.gradInputAt + to, count);
    }

    /** Adds the lanes of each entry's sum up, in order. */
    private void addLanes(float[] scratch, int own, float[] to, int at, int count) {
      int rounded = (count + LANES - 1) / LANES * LANES;
      int turned = own + turnedAt;
      Transpose.run(
          scratch, own + lanesAt, LANES, rounded, LANES, scratch, turned, rounded, null, 0);
      for (int e = 0; e < count; e += LANES) {
        FloatVector even = FloatVector.fromArray(F, scratch, turned + e);
        FloatVector odd = FloatVector.fromArray(F, scratch, turned + rounded + e);
        for (int lane = 2; lane < LANES; lane += 2) {
          int from = turned + lane * rounded + e;
          even = even.add(FloatVector.fromArray(F, scratch, from));
          odd = odd.add(FloatVector.fromArray(F, scratch, from + rounded));
        }
        even.add(odd).intoArray(scratch, turned + e);
      }
      System.arraycopy(scratch, turned, to, at, count);
    }
  }

  /** Adds the parts' sums in order and brings them to PyTorch's, a task an input channel. */
  private record Unpack(Images images, FillValue fill) implements Kernel {
    @Override
    public int tasks() {
      return images.layout.p.weightSize() < 1 << 14 ? 1 : images.layout.channels;
    }

    @Override
    public long sharedScratch() {
      return fill.end();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      UnpooledLayout layout = images.layout;
      int end = tasks() == 1 ? layout.channels : task + 1;
      for (int channel = task; channel < end; channel++) {
        int sums = shared + images.sumsAt + channel * layout.weights;
        for (int part = 1; part < images.parts; part++) {
          int other = sums + part * layout.channels * layout.weights;
          Row.add(scratch, other, layout.weights, scratch, sums);
        }
        int to = a.gradWeightAt + channel * layout.results * layout.p.taps();
        Transpose.run(
            scratch,
            sums,
            layout.width,
            layout.p.taps(),
            layout.results,
            a.gradWeight,
            to,
            layout.p.taps(),
            null,
            0);
        fill.addWeightSums(channel, a, scratch, shared);
      }
    }
  }

  /** Adds the parts' sums of the gradient up in order. */
  private record BiasGradient(Images images) implements Kernel {
    @Override
    public int tasks() {
      return 1;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int results = images.layout.results;
      for (int o = 0; o < results && a.gradBias != null; o++) {
        double sum = 0;
        for (int part = 0; part < images.parts; part++) {
          sum += FloatPair.get(scratch, shared + images.biasAt + 2 * (part * results + o));
        }
        a.gradBias[a.gradBiasAt + o] = (float) sum;
      }
    }
  }
}
