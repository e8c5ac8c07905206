package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.MatrixProduct;
import java.util.Arrays;

/**
 * {@code y = x · Wᵀ + b} on the last axis, as {@code torch.nn.Linear}: (…, in_features) becomes (…,
 * out_features).
 *
 * <p>Parameters: {@code weight} (out_features, in_features) and {@code bias} (out_features), both
 * uniform in ±1/√in_features at first.
 */
public final class Linear extends PlannedLayer {
  private final int inFeatures;
  private final int outFeatures;
  private final Parameter weight;
  private final Parameter bias;
  private MatrixProduct forward;
  private MatrixProduct backwardInput;
  private MatrixProduct backwardWeight;
  private MatrixProduct backwardBias;

  /** A row of ones: times grad_output, it sums over the rows. */
  private float[] ones = {};

  /**
   * A layer with a bias.
   *
   * @param inFeatures size of the input's last axis, at least 1
   * @param outFeatures size of the output's last axis, at least 1
   * @throws IllegalArgumentException if an argument is out of range
   */
  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, true);
  }

  /**
   * A layer.
   *
   * @param inFeatures size of the input's last axis, at least 1
   * @param outFeatures size of the output's last axis, at least 1
   * @param bias false for none
   * @throws IllegalArgumentException if an argument is out of range
   */
  public Linear(int inFeatures, int outFeatures, boolean bias) {
    this.inFeatures = Checks.range("in_features", inFeatures, 1, Integer.MAX_VALUE);
    this.outFeatures = Checks.range("out_features", outFeatures, 1, Integer.MAX_VALUE);
    double bound = 1 / Math.sqrt(inFeatures);
    weight = add("weight", Parameter.uniform(bound, outFeatures, inFeatures));
    this.bias = bias ? add("bias", Parameter.uniform(bound, outFeatures)) : null;
  }

  /**
   * The matrix.
   *
   * @return the parameter {@code weight}
   */
  public Parameter weight() {
    return weight;
  }

  /**
   * What is added to each output feature.
   *
   * @return the parameter {@code bias}, or {@code null} if there is none
   */
  public Parameter bias() {
    return bias;
  }

  @Override
  int[] plan(int[] in) {
    int last = in.length - 1;
    if (in.length == 0 || in[last] != inFeatures) {
      throw new IllegalArgumentException("the shape must be (*, " + inFeatures + ")");
    }
    int rows = Checks.size("input", Arrays.copyOf(in, last));
    forward = MatrixProduct.of(rows, outFeatures, inFeatures).transposeB(true).build();
    backwardInput = MatrixProduct.of(rows, inFeatures, outFeatures).build();
    backwardWeight = MatrixProduct.of(outFeatures, inFeatures, rows).transposeA(true).build();
    if (bias != null) {
      backwardBias = MatrixProduct.of(1, outFeatures, rows).build();
      if (ones.length < rows) {
        ones = new float[rows];
        Arrays.fill(ones, 1);
      }
    }
    int[] out = in.clone();
    out[last] = outFeatures;
    return out;
  }

  @Override
  void compute(Tensor input, Tensor output) {
    forward.run(
        input.data(),
        weight.data().data(),
        bias == null ? null : bias.data().data(),
        output.data(),
        workspace());
  }

  @Override
  void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput) {
    float[] dy = gradOutput.data();
    if (gradInput != null) {
      backwardInput.run(dy, weight.data().data(), null, gradInput.data(), workspace());
    }
    backwardWeight.run(dy, input.data(), null, weight.gradTarget(), workspace());
    weight.gradWritten();
    if (bias != null) {
      backwardBias.run(ones, dy, null, bias.gradTarget(), workspace());
      bias.gradWritten();
    }
  }

  @Override
  protected String arguments() {
    return "in_features="
        + inFeatures
        + ", out_features="
        + outFeatures
        + ", bias="
        + Axes.python(bias != null);
  }
}
