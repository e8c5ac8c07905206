package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Normalization;
import java.util.Arrays;

/**
 * A batch normalisation without arrays for its output and for the gradient of its input: it leaves
 * some coefficients of each channel, by which a convolution normalises the elements while it reads
 * them. That spares two passes over memory in each direction, which is most of what batch
 * normalisation takes where its arrays are larger than the caches.
 *
 * <p>Made by {@link BatchNormalization#fused}, whose formulas it follows; elements have the same
 * bits as that plan would give them. Its coefficients are read by
 *
 * <ul>
 *   <li>{@link Convolution#forward(float[], FusedNormalization, float[], float[], float[],
 *       Workspace)} and {@link Convolution#backwardWeight(float[], FusedNormalization, float[],
 *       float[], Workspace)}, and the same of {@link TransposedConvolution}, after {@link
 *       #forwardTraining} or {@link #forwardEval}: their input is the normalisation's output;
 *   <li>{@link UnpooledTransposedConvolution#backward(float[], int[], float[], float[],
 *       FusedNormalization, float[], float[], float[], float[], Workspace)}, after {@link
 *       #backwardTraining}: their output was the normalisation's input.
 * </ul>
 *
 * <p>Unlike a plan it has a state, so that each caller needs one of its own; a convolution that
 * gets it before the pass named above throws {@link IllegalStateException}. All arrays begin at
 * their index 0. {@code weight} {@code null} means ones, {@code bias} {@code null} zeros.
 */
public final class FusedNormalization {
  private final BatchNormalizationPasses passes;

  /** How the output follows from the input. */
  final Normalization output;

  /** How the gradient of the input follows from that of the output. */
  final Normalization gradient;

  private boolean hasOutput;
  private boolean hasGradient;

  FusedNormalization(BatchNormalizationPasses passes) {
    this.passes = passes;
    float floor = passes.reluInput ? 0 : Float.NaN;
    int size = Checks.size("coefficients", passes.channels, Normalization.PER_CHANNEL);
    output = new Normalization(new double[size], floor);
    gradient = new Normalization(new double[size], floor);
  }

  /** Of the input: (batch, channels, plane). */
  int[] shape() {
    return passes.shape();
  }

  /**
   * What a pass reads that follows a forward pass.
   *
   * @param taken whether the plan takes normalisations
   */
  Normalization output(boolean taken, int batch, int channels, int plane) {
    checkShape(taken, batch, channels, plane);
    checkRun(hasOutput, "forwardTraining or forwardEval");
    return output;
  }

  /** What a pass reads that follows the backward pass. */
  Normalization gradient(boolean taken, int batch, int channels, int plane) {
    checkShape(taken, batch, channels, plane);
    checkRun(hasGradient, "backwardTraining");
    return gradient;
  }

  private void checkShape(boolean taken, int batch, int channels, int plane) {
    if (!taken) {
      throw new IllegalArgumentException(
          "normalization is given, but this plan does not take one (takesNormalization)");
    }
    if (!passes.hasShape(batch, channels, plane)) {
      throw new IllegalArgumentException(
          "normalization is of arrays of shape "
              + Arrays.toString(shape())
              + " but must be of "
              + Arrays.toString(new int[] {batch, channels, plane}));
    }
  }

  private static void checkRun(boolean run, String passes) {
    if (!run) {
      throw new IllegalStateException(
          "normalization has no coefficients yet: call its " + passes + " first");
    }
  }

  /**
   * Does what {@link BatchNormalization#forwardTraining} does, but for the output.
   *
   * @param input (batch, channels, plane)
   * @param weight (channels), or {@code null}
   * @param bias (channels), or {@code null}
   * @param savedMean written: (channels), the means of the batch
   * @param savedInvStd written: (channels), the inv_std of the batch
   * @param runningMean updated: (channels), or {@code null} to keep none
   * @param runningVar updated: (channels), or {@code null} to keep none
   * @param momentum share of this batch in the running statistics, between 0 and 1
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException as there
   */
  public void forwardTraining(
      float[] input,
      float[] weight,
      float[] bias,
      float[] savedMean,
      float[] savedInvStd,
      float[] runningMean,
      float[] runningVar,
      double momentum,
      Workspace workspace) {
    passes.forwardTraining(
        input,
        0,
        weight,
        0,
        bias,
        0,
        null,
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
        output.coefficients(),
        workspace);
    hasOutput = true;
  }

  /**
   * Does what {@link BatchNormalization#forwardEval} does, but for the output; so it needs no
   * input.
   *
   * @param weight (channels), or {@code null}
   * @param bias (channels), or {@code null}
   * @param runningMean (channels)
   * @param runningVar (channels)
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short
   */
  public void forwardEval(
      float[] weight, float[] bias, float[] runningMean, float[] runningVar, Workspace workspace) {
    passes.forwardEval(
        null,
        0,
        weight,
        0,
        bias,
        0,
        runningMean,
        0,
        runningVar,
        0,
        null,
        0,
        output.coefficients(),
        workspace);
    hasOutput = true;
  }

  /**
   * Does what {@link BatchNormalization#backwardTraining} does, but for the gradient of the input.
   *
   * @param input (batch, channels, plane), as in the forward pass
   * @param gradOutput (batch, channels, plane)
   * @param weight (channels), or {@code null}
   * @param savedMean (channels), of the forward pass
   * @param savedInvStd (channels), of the forward pass
   * @param gradWeight written: (channels), or {@code null} if not wanted
   * @param gradBias written: (channels), or {@code null} if not wanted
   * @param workspace scratch memory and threads
   * @throws IllegalArgumentException if an array is too short or overlaps one that is written
   */
  public void backwardTraining(
      float[] input,
      float[] gradOutput,
      float[] weight,
      float[] savedMean,
      float[] savedInvStd,
      float[] gradWeight,
      float[] gradBias,
      Workspace workspace) {
    passes.backwardTraining(
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
        null,
        0,
        gradWeight,
        0,
        gradBias,
        0,
        gradient.coefficients(),
        workspace);
    hasGradient = true;
  }
}
