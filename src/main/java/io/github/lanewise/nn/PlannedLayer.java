package io.github.lanewise.nn;

/**
 * A layer with one kernel: plans anew when the shape of the input changes, checks shapes, and owns
 * the output and the gradient of the input, whose memory is used again while it is large enough.
 */
abstract class PlannedLayer extends Layer {
  private int[] inputShape;
  private Tensor input;
  private Tensor output;
  private Tensor gradInput;

  /**
   * Makes the plan for inputs of a shape.
   *
   * @return the shape of the output
   * @throws IllegalArgumentException if the layer does not take this shape; the message need not
   *     name the layer
   */
  abstract int[] plan(int[] inputShape);

  abstract void compute(Tensor input, Tensor output);

  /** Fills gradInput and the gradients of the parameters; gradInput is null if not wanted. */
  abstract void computeGradients(Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput);

  /** Whether the output overwrites the input, and the one gradient the other. */
  boolean inPlace() {
    return false;
  }

  @Override
  public Tensor forward(Tensor input) {
    this.input = null; // whatever throws below: the backward pass shall not go by an earlier call
    if (input == null) {
      throw new IllegalArgumentException(this + ": input is null");
    }
    if (inputShape == null || !input.hasShape(inputShape)) {
      planFor(input);
    }
    if (inPlace()) {
      output = input;
    } else {
      output.discard();
    }
    compute(input, output);
    this.input = input;
    return output;
  }

  private void planFor(Tensor input) {
    int[] shape = input.shape();
    try {
      int[] outputShape = plan(shape);
      output = inPlace() ? null : Tensor.reshaped(output, outputShape);
    } catch (IllegalArgumentException e) {
      forgetPlan();
      throw new IllegalArgumentException(
          this + ": input of shape " + Tensor.text(shape) + ": " + e.getMessage(), e);
    }
    inputShape = shape;
    if (gradInput != null && !inPlace()) {
      gradInput = Tensor.reshaped(gradInput, shape);
    }
  }

  /** Plans anew at the next forward pass; for layers whose plan depends on more than the shape. */
  final void forgetPlan() {
    inputShape = null;
    input = null;
  }

  @Override
  public final Tensor backward(Tensor gradOutput) {
    if (input == null) {
      throw new IllegalStateException(this + ": backward needs a forward pass first");
    }
    if (gradOutput == null) {
      throw new IllegalArgumentException(
          this + ": grad_output is null; was the layer behind it told inputGradient(false)?");
    }
    if (!gradOutput.sameShape(output)) {
      throw new IllegalArgumentException(
          this
              + ": grad_output has shape "
              + gradOutput.shapeText()
              + " but the output had shape "
              + output.shapeText());
    }
    if (!inputGradient()) {
      computeGradients(input, output, gradOutput, null);
      return null;
    }
    if (inPlace()) {
      gradInput = gradOutput;
    } else if (gradInput == null) {
      gradInput = Tensor.reshaped(null, inputShape);
    } else {
      gradInput.discard();
    }
    computeGradients(input, output, gradOutput, gradInput);
    return gradInput;
  }

  /** Refuses a shape that is not (N, {@code size}, and as many axes as {@code axes} names). */
  static void checkChannels(int[] shape, int channels, String axes) {
    int rank = 2 + axes.length();
    if (shape.length != rank || shape[1] != channels) {
      StringBuilder wanted = new StringBuilder("(N, ").append(channels);
      axes.chars().forEach(axis -> wanted.append(", ").append((char) axis));
      throw new IllegalArgumentException("the shape must be " + wanted + ")");
    }
  }

  /** Refuses a shape without exactly these axes, which are named by a letter each. */
  static void checkRank(int[] shape, String axes) {
    if (shape.length != axes.length()) {
      throw new IllegalArgumentException(
          "the shape must be (" + String.join(", ", axes.split("")) + ")");
    }
  }
}
