package io.github.lanewise.nn;

/** A layer that gives the same elements another shape and copies nothing. */
abstract class ReshapeLayer extends Layer {
  /** The latest arguments with their results: they mostly come again. */
  private Tensor input;

  private Tensor output;
  private Tensor gradOutput;
  private Tensor gradInput;

  /**
   * The shape of the output, without -1.
   *
   * @throws IllegalArgumentException if the layer does not take this shape
   */
  abstract int[] outputShape(Tensor input);

  @Override
  public final Tensor forward(Tensor input) {
    Tensor latest = this.input;
    this.input = null; // whatever throws below: the backward pass shall not go by an earlier call
    if (input == null) {
      throw new IllegalArgumentException(this + ": input is null");
    }
    if (input != latest) {
      try {
        output = input.view(outputShape(input));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            this + ": input of shape " + input.shapeText() + ": " + e.getMessage(), e);
      }
      gradOutput = null;
    }
    this.input = input;
    return output;
  }

  @Override
  public final Tensor backward(Tensor gradOutput) {
    if (input == null) {
      throw new IllegalStateException(this + ": backward needs a forward pass first");
    }
    if (gradOutput == null || !gradOutput.sameShape(output)) {
      throw new IllegalArgumentException(
          this
              + ": grad_output has shape "
              + (gradOutput == null ? null : gradOutput.shapeText())
              + " but the output had shape "
              + output.shapeText());
    }
    if (!inputGradient()) {
      return null;
    }
    if (gradOutput != this.gradOutput) {
      gradInput = gradOutput.view(input.shape());
      this.gradOutput = gradOutput;
    }
    return gradInput;
  }
}
