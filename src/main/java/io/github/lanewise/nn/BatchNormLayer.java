package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.BatchNormalization;
import java.util.Arrays;

/** What the batch normalisation layers share; see there. */
abstract class BatchNormLayer extends PlannedLayer {
  /** A ReLU whose work the layer does along with its own. */
  enum Relu {
    NONE,
    BEFORE,
    BEHIND
  }

  private final int dimensions;
  private final int numFeatures;
  private final double eps;
  private final double momentum;
  private final Parameter weight;
  private final Parameter bias;
  private final Tensor runningMean;
  private final Tensor runningVar;
  private final Counter batches;
  private final float[] savedMean;
  private final float[] savedInvStd;
  private Relu relu = Relu.NONE;
  private BatchNormalization plan;

  /** Whether the latest forward pass took the statistics of the batch. */
  private boolean usedBatch;

  /** The kernel computes the gradient of the input always: where it goes if nobody wants it. */
  private Tensor unwanted;

  BatchNormLayer(int dimensions, BatchNormBuilder<?> b) {
    this.dimensions = dimensions;
    numFeatures = b.numFeatures;
    eps = b.eps;
    momentum = b.momentum;
    weight = b.affine ? add("weight", Parameter.constant(1, numFeatures)) : null;
    bias = b.affine ? add("bias", Parameter.constant(0, numFeatures)) : null;
    boolean track = b.trackRunningStats;
    runningMean = track ? addBuffer("running_mean", Tensor.zeros(numFeatures)) : null;
    runningVar = track ? addBuffer("running_var", Tensor.zeros(numFeatures)) : null;
    batches = track ? addCounter("num_batches_tracked") : null;
    savedMean = new float[numFeatures];
    savedInvStd = new float[numFeatures];
    resetRunningStats();
  }

  /**
   * The factor of each channel.
   *
   * @return the parameter {@code weight}, or {@code null} if the layer is not affine
   */
  public final Parameter weight() {
    return weight;
  }

  /**
   * What is added to each channel.
   *
   * @return the parameter {@code bias}, or {@code null} if the layer is not affine
   */
  public final Parameter bias() {
    return bias;
  }

  private void resetRunningStats() {
    if (batches != null) {
      Arrays.fill(runningMean.data(), 0);
      Arrays.fill(runningVar.data(), 1);
      batches.value = 0;
    }
  }

  @Override
  final void reset(long seed) {
    resetRunningStats();
  }

  @Override
  final int[] plan(int[] in) {
    if (dimensions == 1 && in.length == 2) {
      checkChannels(in, numFeatures, "");
    } else {
      checkChannels(in, numFeatures, dimensions == 1 ? "L" : "HW");
    }
    int plane = Checks.size("plane", Arrays.copyOfRange(in, 2, in.length));
    plan =
        BatchNormalization.of(in[0], numFeatures, plane)
            .eps(eps)
            .reluInput(relu == Relu.BEFORE)
            .reluOutput(relu == Relu.BEHIND)
            .build();
    return in;
  }

  @Override
  public final Tensor forward(Tensor input) {
    return forward(input, Relu.NONE);
  }

  /** Does the work of a neighbour, too; so will the next backward pass. */
  final Tensor forward(Tensor input, Relu relu) {
    if (relu != this.relu) {
      this.relu = relu;
      forgetPlan();
    }
    return super.forward(input);
  }

  /** Whether the latest forward pass did the work of a neighbour. */
  final boolean ranRelu() {
    return relu != Relu.NONE;
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    usedBatch = isTraining() || batches == null;
    if (!usedBatch) {
      plan.forwardEval(
          input.data(),
          data(weight),
          data(bias),
          runningMean.data(),
          runningVar.data(),
          output.data(),
          workspace());
      return;
    }
    boolean update = isTraining() && batches != null;
    double share =
        momentum == BatchNormBuilder.CUMULATIVE ? update ? 1.0 / (batches.value + 1) : 0 : momentum;
    plan.forwardTraining(
        input.data(),
        data(weight),
        data(bias),
        output.data(),
        savedMean,
        savedInvStd,
        update ? runningMean.data() : null,
        update ? runningVar.data() : null,
        share,
        workspace());
    if (update) {
      batches.value++;
    }
  }

  private static float[] data(Parameter parameter) {
    return parameter == null ? null : parameter.data().data();
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput == null) {
      if (weight == null) {
        return;
      }
      unwanted = Tensor.reshaped(unwanted, input.shape());
    }
    float[] dx = gradInput == null ? unwanted.data() : gradInput.data();
    float[] gradWeight = weight == null ? null : weight.gradTarget();
    float[] gradBias = bias == null ? null : bias.gradTarget();
    if (usedBatch) {
      plan.backwardTraining(
          input.data(),
          output.data(),
          gradOutput.data(),
          null,
          data(weight),
          savedMean,
          savedInvStd,
          dx,
          gradWeight,
          gradBias,
          workspace());
    } else {
      plan.backwardEval(
          input.data(),
          output.data(),
          gradOutput.data(),
          null,
          data(weight),
          runningMean.data(),
          runningVar.data(),
          dx,
          gradWeight,
          gradBias,
          workspace());
    }
    if (weight != null) {
      weight.gradWritten();
      bias.gradWritten();
    }
  }

  @Override
  protected final String arguments() {
    return numFeatures
        + ", eps="
        + Axes.python(eps)
        + ", momentum="
        + (momentum == BatchNormBuilder.CUMULATIVE ? "None" : Axes.python(momentum))
        + ", affine="
        + Axes.python(weight != null)
        + ", track_running_stats="
        + Axes.python(batches != null);
  }
}
