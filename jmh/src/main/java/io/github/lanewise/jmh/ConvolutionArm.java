package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Workspace;

/** The passes of a convolution or transposed convolution, on the arrays it was made with. */
public interface ConvolutionArm {
  /** Computes the output. */
  void forward(Workspace workspace);

  /** {@return whether the gradients are computed one by one} */
  default boolean separateGradients() {
    return true;
  }

  /** Computes the gradient of the input. */
  void backwardInput(Workspace workspace);

  /** Computes the gradient of the weight. */
  void backwardWeight(Workspace workspace);

  /** Computes the gradient of the bias. */
  void backwardBias(Workspace workspace);

  /** Computes all three gradients. */
  default void backward(Workspace workspace) {
    backwardInput(workspace);
    backwardWeight(workspace);
    backwardBias(workspace);
  }

  /** Copies the results to the arrays, where they are elsewhere. */
  default void fetch() {}
}
