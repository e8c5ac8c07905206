package io.github.lanewise.scalar;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.IndexCheck;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;
import io.github.lanewise.internal.UnpooledProblem;
import java.util.Arrays;

/**
 * The scalar twins of the transposed convolution of unpooled values: they go through the values and
 * their taps; what all other positions have in common is {@link FillValue}'s.
 */
final class ScalarUnpooled {
  private ScalarUnpooled() {}

  /** A loop over the taps of one value, inside of the output. */
  private static final class Taps {
    final UnpooledProblem problem;
    final ConvolutionProblem p;

    Taps(UnpooledProblem problem) {
      this.problem = problem;
      p = problem.dual();
    }

    /** The output's position that a tap of an input position reaches, or -1 if it is cropped. */
    int reached(int position, int tap) {
      int y =
          position / p.outWidth() * p.strideHeight()
              + tap / p.kernelWidth() * p.dilationHeight()
              - p.paddingHeight();
      int x =
          position % p.outWidth() * p.strideWidth()
              + tap % p.kernelWidth() * p.dilationWidth()
              - p.paddingWidth();
      boolean inside = y >= 0 && y < p.inHeight() && x >= 0 && x < p.inWidth();
      return inside ? y * p.inWidth() + x : -1;
    }

    int firstResult(int channel) {
      return channel / p.outPerGroup() * p.inPerGroup();
    }

    /** Where the entries of a channel of an image begin. */
    int entries(int image, int channel) {
      return (image * p.outChannels() + channel) * problem.entries();
    }

    float value(int entry, int channel, Operands a) {
      float fill = a.fillValue == null ? 0 : a.fillValue[a.fillValueAt + channel];
      return a.input[a.inputAt + entry] - fill;
    }
  }

  /** A kernel with a task for each image or each input channel. */
  private abstract static class TapsKernel implements Kernel {
    final Taps taps;
    final ConvolutionProblem p;
    private final int tasks;
    private final FillValue fill;

    TapsKernel(Taps taps, int tasks, FillValue fill) {
      this.taps = taps;
      this.tasks = tasks;
      this.fill = fill;
      p = taps.p;
    }

    @Override
    public final int tasks() {
      return tasks;
    }

    @Override
    public final long sharedScratch() {
      return fill.end();
    }
  }

  /** {@code output[o][reached] += (input[e] − fill) · weight[c][o][tap]}. */
  static final class Forward extends ScalarTwin<UnpooledProblem> {
    @Override
    public Kernel[] kernels(UnpooledProblem problem) {
      FillValue fill = new FillValue(problem, 0);
      Taps taps = new Taps(problem);
      Kernel images =
          new TapsKernel(taps, problem.dual().batch(), fill) {
            @Override
            public void run(int image, Operands a, float[] scratch, int shared, int own) {
              int to = a.outputAt + image * p.inputImage();
              int plane = taps.problem.resultPlane();
              for (int o = 0; o < p.inChannels(); o++) {
                float bias = a.bias == null ? 0 : a.bias[a.biasAt + o];
                Arrays.fill(a.output, to + o * plane, to + (o + 1) * plane, bias);
              }
              for (int c = 0; c < p.outChannels(); c++) {
                int entry = taps.entries(image, c);
                for (int e = entry; e < entry + taps.problem.entries(); e++) {
                  scatter(taps, c, e, to, a);
                }
              }
              fill.addTo(a.output, to, a, scratch, shared);
            }
          };
      return new Kernel[] {new IndexCheck(problem.indexed()), fill.output(), images};
    }
  }

  private static void scatter(Taps taps, int channel, int entry, int to, Operands a) {
    ConvolutionProblem p = taps.p;
    int plane = taps.problem.resultPlane();
    float value = taps.value(entry, channel, a);
    int position = a.indices[a.indicesAt + entry];
    int weight = a.weightAt + channel * p.inPerGroup() * p.taps();
    int first = to + taps.firstResult(channel) * plane;
    for (int tap = 0; tap < p.taps(); tap++) {
      int reached = taps.reached(position, tap);
      if (reached >= 0) {
        for (int o = 0; o < p.inPerGroup(); o++) {
          a.output[first + o * plane + reached] += value * a.weight[weight + o * p.taps() + tap];
        }
      }
    }
  }

  /**
   * {@code gradInput[e] = Σ gradOutput[o][reached] · weight[c][o][tap]} and {@code
   * gradWeight[c][o][tap] = Σ (input[e] − fill) · gradOutput[o][reached]}.
   */
  static final class Backward extends ScalarTwin<UnpooledProblem> {
    @Override
    public Kernel[] kernels(UnpooledProblem problem) {
      FillValue fill = new FillValue(problem, 0);
      Taps taps = new Taps(problem);
      Kernel channels =
          new TapsKernel(taps, problem.dual().outChannels(), fill) {
            @Override
            public void run(int channel, Operands a, float[] scratch, int shared, int own) {
              for (int image = 0; image < p.batch() && a.gradInput != null; image++) {
                int entry = taps.entries(image, channel);
                for (int e = entry; e < entry + taps.problem.entries(); e++) {
                  a.gradInput[a.gradInputAt + e] = dot(taps, image, channel, e, a);
                }
              }
              backwardWeight(taps, channel, a);
              fill.addWeightSums(channel, a, scratch, shared);
            }
          };
      return new Kernel[] {
        new IndexCheck(problem.indexed()),
        fill.weightSums(),
        channels,
        fill.gradient(),
        BiasGradient.of(problem)
      };
    }
  }

  private static float dot(Taps taps, int image, int channel, int entry, Operands a) {
    ConvolutionProblem p = taps.p;
    int plane = taps.problem.resultPlane();
    int position = a.indices[a.indicesAt + entry];
    int weight = a.weightAt + channel * p.inPerGroup() * p.taps();
    int from = a.gradOutputAt + image * p.inputImage() + taps.firstResult(channel) * plane;
    float sum = 0;
    for (int tap = 0; tap < p.taps(); tap++) {
      int reached = taps.reached(position, tap);
      if (reached >= 0) {
        float channels = 0;
        for (int o = 0; o < p.inPerGroup(); o++) {
          channels +=
              a.gradOutput[from + o * plane + reached] * a.weight[weight + o * p.taps() + tap];
        }
        sum += channels;
      }
    }
    return sum;
  }

  private static void backwardWeight(Taps taps, int channel, Operands a) {
    ConvolutionProblem p = taps.p;
    int plane = taps.problem.resultPlane();
    for (int o = 0; o < p.inPerGroup(); o++) {
      for (int tap = 0; tap < p.taps(); tap++) {
        float sum = 0;
        for (int image = 0; image < p.batch(); image++) {
          int from =
              a.gradOutputAt + image * p.inputImage() + (taps.firstResult(channel) + o) * plane;
          int entry = taps.entries(image, channel);
          float part = 0; // sums of sums: the rounding error grows with the plane, not the batch
          for (int e = entry; e < entry + taps.problem.entries(); e++) {
            int reached = taps.reached(a.indices[a.indicesAt + e], tap);
            if (reached >= 0) {
              part += taps.value(e, channel, a) * a.gradOutput[from + reached];
            }
          }
          sum += part;
        }
        a.gradWeight[a.gradWeightAt + (channel * p.inPerGroup() + o) * p.taps() + tap] = sum;
      }
    }
  }

  /** The sums of gradOutput, if they are wanted. */
  private record BiasGradient(Kernel sums) implements Kernel {
    static BiasGradient of(UnpooledProblem problem) {
      ConvolutionProblem p = problem.dual();
      ChannelProblem sums = new ChannelProblem(p.batch(), p.inChannels(), problem.resultPlane());
      return new BiasGradient(new ScalarChannelSum().kernels(sums)[0]);
    }

    @Override
    public int tasks() {
      return sums.tasks();
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      if (a.gradBias != null) {
        sums.run(task, a, scratch, shared, own);
      }
    }
  }
}
