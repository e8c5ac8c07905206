package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;

/**
 * Batch normalisation of an array (batch, channels, plane), as {@code
 * torch.nn.functional.batch_norm}, with its gradients. {@code plane} is the product of all sizes
 * after the channels: H · W, L, or 1 for (N, C).
 *
 * <pre>
 * output[n][c][i] = (input[n][c][i] − mean[c]) · inv_std[c] · weight[c] + bias[c]
 * inv_std[c] = 1 / √(var[c] + eps)
 * </pre>
 *
 * <p>Training takes mean and (biased) variance from the batch, evaluation from running statistics,
 * which training updates: {@code running = (1 − momentum) · running + momentum · batch}, the
 * variance then being the unbiased one.
 *
 * <p>The gradients, with x̂ = (input − mean) · inv_std and sums and means over batch and plane:
 *
 * <pre>
 * grad_bias   = Σ grad_output
 * grad_weight = Σ grad_output · x̂
 * grad_input  = (grad_output − grad_bias / count − x̂ · grad_weight / count) · inv_std · weight   (training)
 * grad_input  = grad_output · inv_std · weight                                                 (evaluation)
 * </pre>
 *
 * <p>A plan may put a ReLU {@link Builder#reluInput in front} or {@link Builder#reluOutput behind},
 * and count {@link Builder#zeros zeros} that no array holds.
 *
 * <p>The variance is taken around the mean and summed in double (or in short runs of floats added
 * up in double), so that a large mean costs no precision. NaN or infinity makes its channel NaN.
 *
 * <p>A plan is immutable and may be shared between threads, each with a {@link Workspace} of its
 * own. Passes allocate nothing once the workspace has grown, and give the same bits for every
 * {@link Parallelism}. {@code weight} {@code null} means ones, {@code bias} {@code null} zeros.
 */
public final class BatchNormalization {
  private final BatchNormalizationPasses passes;

  private BatchNormalization(Builder builder) {
    passes = new BatchNormalizationPasses(builder);
  }

  /**
   * Begins a plan.
   *
   * @param batch images, N
   * @param channels channels, C
   * @param plane elements of one channel of one image: H · W, L, or 1
   * @return what the optional arguments are given to
   * @throws IllegalArgumentException if a size is below 1
   */
  public static Builder of(int batch, int channels, int plane) {
    return new Builder(batch, channels, plane);
  }

  /** The optional arguments of a plan, by PyTorch's names. */
  public static final class Builder {
    final int batch;
    final int channels;
    final int plane;
    double eps = 1e-5;
    int zeros;
    boolean reluInput;
    boolean reluOutput;

    private Builder(int batch, int channels, int plane) {
      this.batch = Checks.range("batch", batch, 1, Integer.MAX_VALUE);
      this.channels = Checks.range("channels", channels, 1, Integer.MAX_VALUE);
      this.plane = Checks.range("plane", plane, 1, Integer.MAX_VALUE);
    }

    /**
     * What is added to the variance, default 1e-5.
     *
     * @param eps at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public Builder eps(double eps) {
      this.eps = Checks.range("eps", eps, 0.0, Double.MAX_VALUE);
      return this;
    }

    /**
     * How many further elements each plane has that are zero and that the arrays do not hold. They
     * count in the statistics of the batch, with which the others are normalised. The backward
     * passes that take {@code gradZeros} add them to the sums over batch and plane:
     *
     * <pre>
     * grad_bias   = Σ grad_output      + grad_zeros
     * grad_weight = Σ grad_output · x̂ + grad_zeros · (0 − mean) · inv_std
     * count       = batch · (plane + zeros)
     * </pre>
     *
     * @param zeros at least 0, which it is at first; 0 with {@link #reluOutput}
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder zeros(int zeros) {
      this.zeros = Checks.range("zeros", zeros, 0, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Whether to normalise max(input, 0): a ReLU in front, which costs no pass over memory and no
     * array of its own. All arrays keep their meaning: {@code input} is what the ReLU takes, and
     * gradInput the gradient with respect to that:
     *
     * <pre>
     * output     = (max(input, 0) − mean) · inv_std · weight + bias
     * grad_input = 0 where input ≤ 0
     * </pre>
     *
     * @param reluInput false at first
     * @return this
     */
    public Builder reluInput(boolean reluInput) {
      this.reluInput = reluInput;
      return this;
    }

    /**
     * Whether the output is max(y, 0) of what it would be: a ReLU behind, which costs no pass over
     * memory of its own. The backward passes then need that output, and are the ones that take it:
     * gradOutput counts as 0 where {@code output ≤ 0}.
     *
     * @param reluOutput false at first
     * @return this
     */
    public Builder reluOutput(boolean reluOutput) {
      this.reluOutput = reluOutput;
      return this;
    }

    /**
     * Plans the passes.
     *
     * @return the plan
     * @throws IllegalArgumentException if the array would have more elements than Java allows, if
     *     there are zeros with a ReLU behind, or so many that {@code batch · (plane + zeros)} is
     *     beyond an {@code int}
     */
    public BatchNormalization build() {
      return new BatchNormalization(this);
    }
  }

  /**
   * Elements of the input.
   *
   * @return their number
   */
  public int inputSize() {
    return passes.size;
  }

  /**
   * Elements of the output: as many as the input has.
   *
   * @return their number
   */
  public int outputSize() {
    return passes.size;
  }

  /**
   * Whether the backward passes need the output of the forward pass.
   *
   * @return what {@link Builder#reluOutput} said
   */
  public boolean needsOutput() {
    return passes.reluOutput;
  }

  /**
   * Begins a computation that leaves the elements of the output, and of the gradient of the input,
   * to the kernels that read them.
   *
   * @return what one caller computes with, once or again and again
   * @throws IllegalArgumentException if the plan is not {@link #isFusable}
   */
  public FusedNormalization fused() {
    if (!isFusable()) {
      throw new IllegalArgumentException(
          "plane must be at least 2, zeros 0 and relu_output false for a normalisation that other"
              + " kernels compute");
    }
    return new FusedNormalization(passes);
  }

  /**
   * Whether there is {@link #fused}.
   *
   * @return true if planes have 2 elements or more, there are no zeros and no ReLU behind
   */
  public boolean isFusable() {
    return passes.isFusable();
  }

  /**
   * Floats of scratch memory that the largest of the passes needs.
   *
   * @param parallelism the threads that will work
   * @return their number
   */
  public long workspaceSize(Parallelism parallelism) {
    return passes.workspaceSize(parallelism);
  }

  /**
   * The implementations chosen for the passes, for logs and benchmarks.
   *
   * @return a line of text
   */
  public String describe() {
    return passes.describe();
  }

  /**
   * Normalises with the statistics of the batch, keeps them for the backward pass, and updates the
   * running ones.
   *
   * @param input (batch, channels, plane)
   * @param weight (channels), or {@code null}
   * @param bias (channels), or {@code null}
   * @param output written: (batch, channels, plane)
   * @param savedMean written: (channels), the means of the batch
   * @param savedInvStd written: (channels), the inv_std of the batch
   * @param runningMean updated: (channels), or {@code null} to keep none
   * @param runningVar updated: (channels), or {@code null} to keep none
   * @param momentum share of this batch in the running statistics, between 0 and 1; for a
   *     cumulative average, 1 / number of batches so far, this one included
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if a channel has only one value, an array is too short or
   *     overlaps one that is written, only one of runningMean and runningVar is given, or momentum
   *     is out of range
   */
  public void forwardTraining(
      float[] input,
      float[] weight,
      float[] bias,
      float[] output,
      float[] savedMean,
      float[] savedInvStd,
      float[] runningMean,
      float[] runningVar,
      double momentum,
      Workspace workspace) {
    forwardTraining(
        input,
        0,
        weight,
        0,
        bias,
        0,
        output,
        0,
        savedMean,
        0,
        savedInvStd,
        0,
        runningMean,
        0,
        runningVar,
        0,
        momentum,
        workspace);
  }

  /**
   * Normalises with the statistics of the batch, keeps them for the backward pass, and updates the
   * running ones, all in arrays that begin at an offset.
   *
   * @param input (batch, channels, plane)
   * @param inputOffset index of the first element
   * @param weight (channels), or {@code null}
   * @param weightOffset index of the first element
   * @param bias (channels), or {@code null}
   * @param biasOffset index of the first element
   * @param output written: (batch, channels, plane)
   * @param outputOffset index of the first element
   * @param savedMean written: (channels), the means of the batch
   * @param savedMeanOffset index of the first element
   * @param savedInvStd written: (channels), the inv_std of the batch
   * @param savedInvStdOffset index of the first element
   * @param runningMean updated: (channels), or {@code null} to keep none
   * @param runningMeanOffset index of the first element
   * @param runningVar updated: (channels), or {@code null} to keep none
   * @param runningVarOffset index of the first element
   * @param momentum share of this batch in the running statistics, between 0 and 1; for a
   *     cumulative average, 1 / number of batches so far, this one included
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if a channel has only one value, an array is too short or
   *     overlaps one that is written, only one of runningMean and runningVar is given, or momentum
   *     is out of range
   */
  public void forwardTraining(
      float[] input,
      int inputOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] output,
      int outputOffset,
      float[] savedMean,
      int savedMeanOffset,
      float[] savedInvStd,
      int savedInvStdOffset,
      float[] runningMean,
      int runningMeanOffset,
      float[] runningVar,
      int runningVarOffset,
      double momentum,
      Workspace workspace) {
    passes.forwardTraining(
        input,
        inputOffset,
        weight,
        weightOffset,
        bias,
        biasOffset,
        output,
        outputOffset,
        savedMean,
        savedMeanOffset,
        savedInvStd,
        savedInvStdOffset,
        runningMean,
        runningMeanOffset,
        runningVar,
        runningVarOffset,
        momentum,
        null,
        workspace);
  }

  /**
   * Normalises with running statistics.
   *
   * @param input (batch, channels, plane)
   * @param weight (channels), or {@code null}
   * @param bias (channels), or {@code null}
   * @param runningMean (channels)
   * @param runningVar (channels)
   * @param output written: (batch, channels, plane)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps the output
   */
  public void forwardEval(
      float[] input,
      float[] weight,
      float[] bias,
      float[] runningMean,
      float[] runningVar,
      float[] output,
      Workspace workspace) {
    forwardEval(input, 0, weight, 0, bias, 0, runningMean, 0, runningVar, 0, output, 0, workspace);
  }

  /**
   * Normalises with running statistics, in arrays that begin at an offset.
   *
   * @param input (batch, channels, plane)
   * @param inputOffset index of the first element
   * @param weight (channels), or {@code null}
   * @param weightOffset index of the first element
   * @param bias (channels), or {@code null}
   * @param biasOffset index of the first element
   * @param runningMean (channels)
   * @param runningMeanOffset index of the first element
   * @param runningVar (channels)
   * @param runningVarOffset index of the first element
   * @param output written: (batch, channels, plane)
   * @param outputOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps the output
   */
  public void forwardEval(
      float[] input,
      int inputOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] runningMean,
      int runningMeanOffset,
      float[] runningVar,
      int runningVarOffset,
      float[] output,
      int outputOffset,
      Workspace workspace) {
    passes.forwardEval(
        input,
        inputOffset,
        weight,
        weightOffset,
        bias,
        biasOffset,
        runningMean,
        runningMeanOffset,
        runningVar,
        runningVarOffset,
        output,
        outputOffset,
        null,
        workspace);
  }

  /**
   * Computes the gradients of {@link #forwardTraining}.
   *
   * @param input (batch, channels, plane)
   * @param gradOutput (batch, channels, plane)
   * @param weight (channels), or {@code null}
   * @param savedMean (channels), from the forward pass
   * @param savedInvStd (channels), from the forward pass
   * @param gradInput written: (batch, channels, plane); may be gradOutput itself
   * @param gradWeight written: (channels), or {@code null} if not wanted
   * @param gradBias written: (channels), or {@code null} if not wanted
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written, or
   *     the plan is one that needs the output
   */
  public void backwardTraining(
      float[] input,
      float[] gradOutput,
      float[] weight,
      float[] savedMean,
      float[] savedInvStd,
      float[] gradInput,
      float[] gradWeight,
      float[] gradBias,
      Workspace workspace) {
    backwardTraining(
        input,
        0,
        null,
        0,
        gradOutput,
        0,
        null,
        0,
        weight,
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
        workspace);
  }

  /**
   * Computes the gradients of {@link #forwardTraining} in arrays that begin at an offset, also for
   * a plan with {@link Builder#reluOutput reluOutput} or with a gradient of its {@link
   * Builder#zeros zeros}.
   *
   * @param input (batch, channels, plane)
   * @param inputOffset index of the first element
   * @param output (batch, channels, plane), what the forward pass gave: read only by a plan with
   *     {@link Builder#reluOutput reluOutput}, otherwise it may be {@code null}
   * @param outputOffset index of the first element
   * @param gradOutput (batch, channels, plane)
   * @param gradOutputOffset index of the first element
   * @param gradZeros (channels), the sum of the gradients of the {@link Builder#zeros zeros} of
   *     each channel, or {@code null} for 0; read only by a plan with zeros
   * @param gradZerosOffset index of the first element
   * @param weight (channels), or {@code null}
   * @param weightOffset index of the first element
   * @param savedMean (channels), from the forward pass
   * @param savedMeanOffset index of the first element
   * @param savedInvStd (channels), from the forward pass
   * @param savedInvStdOffset index of the first element
   * @param gradInput written: (batch, channels, plane); may be gradOutput itself
   * @param gradInputOffset index of the first element
   * @param gradWeight written: (channels), or {@code null} if not wanted
   * @param gradWeightOffset index of the first element
   * @param gradBias written: (channels), or {@code null} if not wanted
   * @param gradBiasOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written
   */
  public void backwardTraining(
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradZeros,
      int gradZerosOffset,
      float[] weight,
      int weightOffset,
      float[] savedMean,
      int savedMeanOffset,
      float[] savedInvStd,
      int savedInvStdOffset,
      float[] gradInput,
      int gradInputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      float[] gradBias,
      int gradBiasOffset,
      Workspace workspace) {
    passes.backwardTraining(
        input,
        inputOffset,
        output,
        outputOffset,
        gradOutput,
        gradOutputOffset,
        gradZeros,
        gradZerosOffset,
        weight,
        weightOffset,
        savedMean,
        savedMeanOffset,
        savedInvStd,
        savedInvStdOffset,
        gradInput,
        gradInputOffset,
        gradWeight,
        gradWeightOffset,
        gradBias,
        gradBiasOffset,
        null,
        workspace);
  }

  /**
   * Computes the gradients of {@link #forwardEval}.
   *
   * @param input (batch, channels, plane)
   * @param gradOutput (batch, channels, plane)
   * @param weight (channels), or {@code null}
   * @param runningMean (channels)
   * @param runningVar (channels)
   * @param gradInput written: (batch, channels, plane); may be gradOutput itself
   * @param gradWeight written: (channels), or {@code null} if not wanted
   * @param gradBias written: (channels), or {@code null} if not wanted
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written, or
   *     the plan is one that needs the output
   */
  public void backwardEval(
      float[] input,
      float[] gradOutput,
      float[] weight,
      float[] runningMean,
      float[] runningVar,
      float[] gradInput,
      float[] gradWeight,
      float[] gradBias,
      Workspace workspace) {
    backwardEval(
        input,
        0,
        null,
        0,
        gradOutput,
        0,
        null,
        0,
        weight,
        0,
        runningMean,
        0,
        runningVar,
        0,
        gradInput,
        0,
        gradWeight,
        0,
        gradBias,
        0,
        workspace);
  }

  /**
   * Computes the gradients of {@link #forwardEval} in arrays that begin at an offset, also for a
   * plan with {@link Builder#reluOutput reluOutput} or with a gradient of its {@link Builder#zeros
   * zeros}.
   *
   * @param input (batch, channels, plane)
   * @param inputOffset index of the first element
   * @param output (batch, channels, plane), what the forward pass gave: read only by a plan with
   *     {@link Builder#reluOutput reluOutput}, otherwise it may be {@code null}
   * @param outputOffset index of the first element
   * @param gradOutput (batch, channels, plane)
   * @param gradOutputOffset index of the first element
   * @param gradZeros (channels), the sum of the gradients of the {@link Builder#zeros zeros} of
   *     each channel, or {@code null} for 0; read only by a plan with zeros
   * @param gradZerosOffset index of the first element
   * @param weight (channels), or {@code null}
   * @param weightOffset index of the first element
   * @param runningMean (channels)
   * @param runningMeanOffset index of the first element
   * @param runningVar (channels)
   * @param runningVarOffset index of the first element
   * @param gradInput written: (batch, channels, plane); may be gradOutput itself
   * @param gradInputOffset index of the first element
   * @param gradWeight written: (channels), or {@code null} if not wanted
   * @param gradWeightOffset index of the first element
   * @param gradBias written: (channels), or {@code null} if not wanted
   * @param gradBiasOffset index of the first element
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written
   */
  public void backwardEval(
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradZeros,
      int gradZerosOffset,
      float[] weight,
      int weightOffset,
      float[] runningMean,
      int runningMeanOffset,
      float[] runningVar,
      int runningVarOffset,
      float[] gradInput,
      int gradInputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      float[] gradBias,
      int gradBiasOffset,
      Workspace workspace) {
    passes.backwardEval(
        input,
        inputOffset,
        output,
        outputOffset,
        gradOutput,
        gradOutputOffset,
        gradZeros,
        gradZerosOffset,
        weight,
        weightOffset,
        runningMean,
        runningMeanOffset,
        runningVar,
        runningVarOffset,
        gradInput,
        gradInputOffset,
        gradWeight,
        gradWeightOffset,
        gradBias,
        gradBiasOffset,
        workspace);
  }
}
