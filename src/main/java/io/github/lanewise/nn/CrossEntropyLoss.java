package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.CrossEntropy;
import io.github.lanewise.kernel.Reduction;
import java.util.Arrays;

/**
 * The cross-entropy between the softmax of the input and a target, as {@code
 * torch.nn.CrossEntropyLoss}. The input is (N, C) or (N, C, …), C the classes; the target is a
 * class for each position, or a probability for each element. The formula is in {@link
 * CrossEntropy}.
 */
public final class CrossEntropyLoss extends Loss {
  private final float[] weight;
  private final int ignoreIndex;
  private final double labelSmoothing;
  private CrossEntropy plan;

  /** The mean over all positions. */
  public CrossEntropyLoss() {
    this(new Builder());
  }

  private CrossEntropyLoss(Builder b) {
    super(b.reduction);
    weight = b.weight;
    ignoreIndex = b.ignoreIndex;
    labelSmoothing = b.labelSmoothing;
  }

  /**
   * Begins a loss with further arguments.
   *
   * @return a builder
   */
  public static Builder of() {
    return new Builder();
  }

  /** The optional arguments, by PyTorch's names. */
  public static final class Builder {
    private float[] weight;
    private int ignoreIndex = -100;
    private double labelSmoothing;
    private Reduction reduction = Reduction.MEAN;

    private Builder() {}

    /**
     * A weight for each class, default 1.
     *
     * @param weight (C)
     * @return this builder
     * @throws IllegalArgumentException if it is null
     */
    public Builder weight(float... weight) {
      this.weight = Checks.present("weight", weight).clone();
      return this;
    }

    /**
     * The class that does not count, default -100.
     *
     * @param ignoreIndex any number
     * @return this builder
     */
    public Builder ignoreIndex(int ignoreIndex) {
      this.ignoreIndex = ignoreIndex;
      return this;
    }

    /**
     * The share of the target that is spread evenly over all classes, default 0.
     *
     * @param labelSmoothing from 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder labelSmoothing(double labelSmoothing) {
      CrossEntropy.of(1, 1, 1).labelSmoothing(labelSmoothing); // checks
      this.labelSmoothing = labelSmoothing;
      return this;
    }

    /**
     * What is done with the losses of the positions, default their mean.
     *
     * @param reduction mean or sum
     * @return this builder
     */
    public Builder reduction(Reduction reduction) {
      this.reduction = reduction;
      return this;
    }

    /**
     * Makes the loss.
     *
     * @return a new loss
     * @throws IllegalArgumentException if the reduction is neither mean nor sum
     */
    public CrossEntropyLoss build() {
      return new CrossEntropyLoss(this);
    }
  }

  @Override
  void plan(int[] shape) {
    if (shape.length < 2) {
      throw new IllegalArgumentException("the shape must be (N, C) or (N, C, …)");
    }
    if (weight != null && weight.length != shape[1]) {
      throw new IllegalArgumentException(
          "there are " + weight.length + " class weights but " + shape[1] + " classes");
    }
    int plane = Checks.size("plane", Arrays.copyOfRange(shape, 2, shape.length));
    plan =
        CrossEntropy.of(shape[0], shape[1], plane)
            .ignoreIndex(ignoreIndex)
            .labelSmoothing(labelSmoothing)
            .reduction(reduction())
            .build();
  }

  /**
   * Computes the loss.
   *
   * @param input (N, C) or (N, C, …): a number for each class, not normalised
   * @param target (N) or (N, …): the right classes, 0 to C - 1; may be longer
   * @return the mean or the sum over all positions
   * @throws IllegalArgumentException if a class is out of range or there are too few
   */
  public float forward(Tensor input, int[] target) {
    prepare(input);
    plan.forwardBackward(
        input.data(), 0, target, 0, weight, 0, null, 0, value(), 0, gradient(), 0, workspace());
    return done();
  }

  /**
   * Computes the loss for probabilities.
   *
   * @param input (N, C) or (N, C, …): a number for each class, not normalised
   * @param target of the same shape: a probability for each class
   * @return the mean or the sum over all positions
   * @throws IllegalArgumentException if the shapes differ
   */
  public float forward(Tensor input, Tensor target) {
    prepare(input);
    if (target == null || !target.sameShape(input)) {
      throw new IllegalArgumentException(
          this
              + ": target has shape "
              + (target == null ? null : target.shapeText())
              + " but input has shape "
              + input.shapeText());
    }
    float[] probabilities = target.data();
    plan.forwardBackward(
        input.data(),
        0,
        probabilities,
        0,
        weight,
        0,
        null,
        0,
        value(),
        0,
        gradient(),
        0,
        workspace());
    return done();
  }
}
