package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.BatchNormalization;
import io.github.lanewise.kernel.FusedNormalization;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The work of {@link BatchNorm1d} and {@link BatchNorm2d}: parameters, running statistics, and the
 * work of neighbours that it does along with its own.
 */
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

  /** The same for the values of an unpooled input. */
  private BatchNormalization valuesPlan;

  /** The plan's, once a neighbour has computed elements itself. */
  private FusedNormalization fused;

  /** Whether the layer behind may take the output by what it follows from. */
  private boolean defersOutput;

  /** The same for the layer in front and the gradient of the input. */
  private boolean defersGradient;

  private Normalized normalizedOutput;
  private Normalized normalizedGradient;
  private final Consumer<float[]> fillOutput = this::fillOutput;

  // of the latest pass, while the tensors are known in short
  private Unpooled unpooledInput;
  private Unpooled unpooledOutput;
  private Unpooled unpooledGradient;
  private final float[] gradZeros;
  private final Consumer<float[]> fill = data -> unpooledOutput.fill(data, workspace());

  // what the gradient is computed from if someone asks for all of it
  private Tensor latestInput;
  private Tensor latestGradOutput;
  private final Consumer<float[]> fillGradient = this::fillGradient;

  /** Whether the latest forward pass took the statistics of the batch. */
  private boolean usedBatch;

  /** Whether it updated the running ones. */
  private boolean updates;

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
    gradZeros = new float[numFeatures];
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
    plan = plan(in[0], plane, 0);
    unpooledOutput = null;
    fused = null;
    return in;
  }

  private BatchNormalization plan(int batch, int plane, int zeros) {
    return BatchNormalization.of(batch, numFeatures, plane)
        .eps(eps)
        .zeros(zeros)
        .reluInput(relu == Relu.BEFORE)
        .reluOutput(relu == Relu.BEHIND)
        .build();
  }

  @Override
  public final Tensor forward(Tensor input) {
    return forward(input, Relu.NONE, false);
  }

  /**
   * Does the work of a neighbour, too; so will the next backward pass.
   *
   * @param defer whether the layer behind may do this one's work in turn
   */
  final Tensor forward(Tensor input, Relu relu, boolean defer) {
    defersOutput = defer;
    if (relu != this.relu) {
      this.relu = relu;
      forgetPlan();
    }
    return super.forward(input);
  }

  /**
   * The backward pass.
   *
   * @param defer whether the layer in front may compute the result
   */
  final Tensor backward(Tensor gradOutput, boolean defer) {
    defersGradient = defer;
    try {
      return backward(gradOutput);
    } finally {
      defersGradient = false;
    }
  }

  /** Whether the latest forward pass did the work of a neighbour. */
  final boolean ranRelu() {
    return relu != Relu.NONE;
  }

  @Override
  final void compute(Tensor input, Tensor output) {
    unpooledInput = relu == Relu.BEHIND ? null : input.unpooled();
    if (unpooledInput == null || unpooledInput.fillValue() != null) {
      unpooledInput = null;
      if (defersOutput && plan.isFusable()) {
        latestInput = input;
        normalize(input.dense(), fused());
        normalizedOutput = Normalized.of(normalizedOutput, fused, input, null);
        output.defer(normalizedOutput, fillOutput);
      } else {
        normalize(plan, input.data(), output.data());
      }
      return;
    }
    if (!unpooledInput.isSibling(unpooledOutput)) {
      unpooledOutput = unpooledInput.sibling(true);
      unpooledGradient = unpooledInput.sibling(false);
      int batch = input.size(0);
      int entries = unpooledInput.entries();
      int plane = input.elements() / (batch * numFeatures);
      valuesPlan = plan(batch, entries, plane - entries);
    }
    normalize(valuesPlan, unpooledInput.values().dense(), unpooledOutput.values().data());
    normalizeZero(unpooledOutput.fillValue());
    output.defer(unpooledOutput, fill);
  }

  private FusedNormalization fused() {
    if (fused == null) {
      fused = plan.fused();
    }
    return fused;
  }

  private void normalize(BatchNormalization plan, float[] input, float[] output) {
    begin();
    elements(plan, input, output, updates);
    end();
  }

  /** The same, but for the elements of the output. */
  private void normalize(float[] input, FusedNormalization fused) {
    begin();
    if (usedBatch) {
      fused.forwardTraining(
          input,
          data(weight),
          data(bias),
          savedMean,
          savedInvStd,
          updates ? runningMean.data() : null,
          updates ? runningVar.data() : null,
          share(),
          workspace());
    } else {
      fused.forwardEval(
          data(weight), data(bias), runningMean.data(), runningVar.data(), workspace());
    }
    end();
  }

  private void begin() {
    usedBatch = isTraining() || batches == null;
    updates = isTraining() && batches != null;
  }

  private void end() {
    if (updates) {
      batches.value++;
    }
  }

  /** Of this batch in the running statistics. */
  private double share() {
    if (momentum == BatchNormBuilder.CUMULATIVE) {
      return updates ? 1.0 / (batches.value + 1) : 0;
    }
    return momentum;
  }

  private void elements(BatchNormalization plan, float[] input, float[] output, boolean update) {
    if (usedBatch) {
      plan.forwardTraining(
          input,
          data(weight),
          data(bias),
          output,
          savedMean,
          savedInvStd,
          update ? runningMean.data() : null,
          update ? runningVar.data() : null,
          share(),
          workspace());
    } else {
      plan.forwardEval(
          input,
          data(weight),
          data(bias),
          runningMean.data(),
          runningVar.data(),
          output,
          workspace());
    }
  }

  /** What the latest forward pass left out. */
  private void fillOutput(float[] output) {
    elements(plan, latestInput.dense(), output, false);
  }

  /** What the latest pass makes of 0 in each channel. */
  private void normalizeZero(float[] result) {
    for (int c = 0; c < numFeatures; c++) {
      double mean = usedBatch ? savedMean[c] : runningMean.data()[c];
      double scale = usedBatch ? savedInvStd[c] : 1 / Math.sqrt(runningVar.data()[c] + eps);
      if (weight != null) {
        scale *= weight.data().data()[c];
      }
      result[c] = (float) ((bias == null ? 0 : bias.data().data()[c]) - mean * scale);
    }
  }

  private static float[] data(Parameter parameter) {
    return parameter == null ? null : parameter.data().data();
  }

  @Override
  final void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    if (gradInput == null && weight == null) {
      return;
    }
    float[] gradWeight = weight == null ? null : weight.gradTarget();
    float[] gradBias = bias == null ? null : bias.gradTarget();
    if (unpooledInput != null) {
      sparseGradients(gradOutput, gradWeight, gradBias);
      if (gradInput != null) {
        latestInput = input;
        latestGradOutput = gradOutput;
        gradInput.defer(unpooledGradient, fillGradient);
      }
    } else if (defersGradient && usedBatch && gradInput != null && plan.isFusable()) {
      fused()
          .backwardTraining(
              input.dense(),
              gradOutput.dense(),
              data(weight),
              savedMean,
              savedInvStd,
              gradWeight,
              gradBias,
              workspace());
      latestInput = input;
      latestGradOutput = gradOutput;
      normalizedGradient = Normalized.of(normalizedGradient, fused, input, gradOutput);
      gradInput.defer(normalizedGradient, fillGradient);
    } else {
      if (gradInput == null) {
        unwanted = Tensor.reshaped(unwanted, input.shape());
      }
      Tensor target = gradInput == null ? unwanted : gradInput;
      gradients(
          plan,
          input.data(),
          relu == Relu.BEHIND ? output.data() : null,
          gradOutput.data(),
          null,
          target.data(),
          gradWeight,
          gradBias);
    }
    if (weight != null) {
      weight.gradWritten();
      bias.gradWritten();
    }
  }

  /** Computes the gradients of the parameters and of the values. */
  private void sparseGradients(Tensor gradOutput, float[] gradWeight, float[] gradBias) {
    Unpooled gradient = gradOutput.unpooled();
    float[] zeros;
    if (gradient != null && gradient.isSibling(unpooledOutput) && gradient.fillValue() != null) {
      zeros = gradient.fillValue();
    } else {
      gradient = unpooledGradient; // in place
      zeros = gradZeros;
      gradient
          .plan()
          .backward(
              gradOutput.dense(),
              0,
              gradient.indices().raw(),
              0,
              gradient.values().data(),
              0,
              zeros,
              0,
              workspace());
    }
    gradients(
        valuesPlan,
        unpooledInput.values().dense(),
        null,
        gradient.values().dense(),
        zeros,
        unpooledGradient.values().data(),
        gradWeight,
        gradBias);
  }

  private void fillGradient(float[] gradInput) {
    float[] none = null;
    gradients(
        plan, latestInput.dense(), none, latestGradOutput.dense(), none, gradInput, none, none);
  }

  private void gradients(
      BatchNormalization plan,
      float[] input,
      float[] output,
      float[] gradOutput,
      float[] gradZeros,
      float[] gradInput,
      float[] gradWeight,
      float[] gradBias) {
    if (usedBatch) {
      plan.backwardTraining(
          input,
          0,
          output,
          0,
          gradOutput,
          0,
          gradZeros,
          0,
          data(weight),
          0,
          savedMean,
          0,
          savedInvStd,
          0,
          gradInput,
          0,
          gradWeight,
          0,
          gradBias,
          0,
          workspace());
    } else {
      plan.backwardEval(
          input,
          0,
          output,
          0,
          gradOutput,
          0,
          gradZeros,
          0,
          data(weight),
          0,
          runningMean.data(),
          0,
          runningVar.data(),
          0,
          gradInput,
          0,
          gradWeight,
          0,
          gradBias,
          0,
          workspace());
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
