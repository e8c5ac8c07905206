package io.github.lanewise.testing;

import io.github.lanewise.kernel.Convolution;
import io.github.lanewise.kernel.FusedNormalization;
import io.github.lanewise.kernel.PackedWeights;
import io.github.lanewise.kernel.Parallelism;
import io.github.lanewise.kernel.TransposedConvolution;
import io.github.lanewise.kernel.Workspace;

/** What {@link Convolution} and {@link TransposedConvolution} have in common, for tests of both. */
public interface ConvolutionPlan {
  /** {@code bias} may be {@code null}. */
  void forward(Guarded input, Guarded weight, Guarded bias, Guarded output, Workspace workspace);

  void backwardInput(Guarded gradOutput, Guarded weight, Guarded gradInput, Workspace workspace);

  void backwardWeight(Guarded input, Guarded gradOutput, Guarded gradWeight, Workspace workspace);

  void backwardBias(Guarded gradOutput, Guarded gradBias, Workspace workspace);

  PackedWeights packWeights(float[] weight, float[] bias);

  boolean takesNormalization();

  /** Of an input yet to be normalised; all arrays must begin at 0. */
  void forward(
      Guarded input,
      FusedNormalization normalization,
      Guarded weight,
      Guarded bias,
      Guarded output,
      Workspace workspace);

  /** Likewise. */
  void backwardWeight(
      Guarded input,
      FusedNormalization normalization,
      Guarded gradOutput,
      Guarded gradWeight,
      Workspace workspace);

  long workspaceSize(Parallelism parallelism);

  int[] outputShape();

  int inputSize();

  int weightSize();

  int outputSize();

  /** The implementations of the three passes, by the names of the plan's own operation. */
  String describe();

  /** The plan of a problem. */
  static ConvolutionPlan of(ConvolutionCase c) {
    return c.transposed() ? new Transposed(transposed(c)) : new Plain(plain(c));
  }

  private static Convolution plain(ConvolutionCase c) {
    Convolution.Builder builder =
        c.dimensions() == 1
            ? Convolution.conv1d(
                c.batch(), c.inChannels(), c.outChannels(), c.width().size(), c.width().kernel())
            : Convolution.conv2d(
                c.batch(),
                c.inChannels(),
                c.outChannels(),
                c.height().size(),
                c.width().size(),
                c.height().kernel(),
                c.width().kernel());
    return builder
        .stride(c.axes(ConvolutionCase.Axis::stride))
        .padding(c.axes(ConvolutionCase.Axis::padding))
        .dilation(c.axes(ConvolutionCase.Axis::dilation))
        .groups(c.groups())
        .build();
  }

  private static TransposedConvolution transposed(ConvolutionCase c) {
    TransposedConvolution.Builder builder =
        c.dimensions() == 1
            ? TransposedConvolution.convTranspose1d(
                c.batch(), c.inChannels(), c.outChannels(), c.width().size(), c.width().kernel())
            : TransposedConvolution.convTranspose2d(
                c.batch(),
                c.inChannels(),
                c.outChannels(),
                c.height().size(),
                c.width().size(),
                c.height().kernel(),
                c.width().kernel());
    return builder
        .stride(c.axes(ConvolutionCase.Axis::stride))
        .padding(c.axes(ConvolutionCase.Axis::padding))
        .outputPadding(c.axes(ConvolutionCase.Axis::outputPadding))
        .dilation(c.axes(ConvolutionCase.Axis::dilation))
        .groups(c.groups())
        .build();
  }

  /** A convolution. */
  record Plain(Convolution plan) implements ConvolutionPlan {
    @Override
    public void forward(Guarded x, Guarded w, Guarded b, Guarded y, Workspace workspace) {
      plan.forward(
          x.array,
          x.offset,
          w.array,
          w.offset,
          Guarded.arrayOf(b),
          Guarded.offsetOf(b),
          y.array,
          y.offset,
          workspace);
    }

    @Override
    public void backwardInput(Guarded dy, Guarded w, Guarded dx, Workspace workspace) {
      plan.backwardInput(dy.array, dy.offset, w.array, w.offset, dx.array, dx.offset, workspace);
    }

    @Override
    public void backwardWeight(Guarded x, Guarded dy, Guarded dw, Workspace workspace) {
      plan.backwardWeight(x.array, x.offset, dy.array, dy.offset, dw.array, dw.offset, workspace);
    }

    @Override
    public void backwardBias(Guarded dy, Guarded db, Workspace workspace) {
      plan.backwardBias(dy.array, dy.offset, db.array, db.offset, workspace);
    }

    @Override
    public PackedWeights packWeights(float[] weight, float[] bias) {
      return plan.packWeights(weight, bias);
    }

    @Override
    public boolean takesNormalization() {
      return plan.takesNormalization();
    }

    @Override
    public void forward(
        Guarded x, FusedNormalization by, Guarded w, Guarded b, Guarded y, Workspace workspace) {
      plan.forward(x.array, by, w.array, Guarded.arrayOf(b), y.array, workspace);
    }

    @Override
    public void backwardWeight(
        Guarded x, FusedNormalization by, Guarded dy, Guarded dw, Workspace workspace) {
      plan.backwardWeight(x.array, by, dy.array, dw.array, workspace);
    }

    @Override
    public long workspaceSize(Parallelism parallelism) {
      return plan.workspaceSize(parallelism);
    }

    @Override
    public int[] outputShape() {
      return plan.outputShape();
    }

    @Override
    public int inputSize() {
      return plan.inputSize();
    }

    @Override
    public int weightSize() {
      return plan.weightSize();
    }

    @Override
    public int outputSize() {
      return plan.outputSize();
    }

    @Override
    public String describe() {
      return plan.describe();
    }
  }

  /** A transposed convolution. */
  record Transposed(TransposedConvolution plan) implements ConvolutionPlan {
    @Override
    public void forward(Guarded x, Guarded w, Guarded b, Guarded y, Workspace workspace) {
      plan.forward(
          x.array,
          x.offset,
          w.array,
          w.offset,
          Guarded.arrayOf(b),
          Guarded.offsetOf(b),
          y.array,
          y.offset,
          workspace);
    }

    @Override
    public void backwardInput(Guarded dy, Guarded w, Guarded dx, Workspace workspace) {
      plan.backwardInput(dy.array, dy.offset, w.array, w.offset, dx.array, dx.offset, workspace);
    }

    @Override
    public void backwardWeight(Guarded x, Guarded dy, Guarded dw, Workspace workspace) {
      plan.backwardWeight(x.array, x.offset, dy.array, dy.offset, dw.array, dw.offset, workspace);
    }

    @Override
    public void backwardBias(Guarded dy, Guarded db, Workspace workspace) {
      plan.backwardBias(dy.array, dy.offset, db.array, db.offset, workspace);
    }

    @Override
    public PackedWeights packWeights(float[] weight, float[] bias) {
      return plan.packWeights(weight, bias);
    }

    @Override
    public boolean takesNormalization() {
      return plan.takesNormalization();
    }

    @Override
    public void forward(
        Guarded x, FusedNormalization by, Guarded w, Guarded b, Guarded y, Workspace workspace) {
      plan.forward(x.array, by, w.array, Guarded.arrayOf(b), y.array, workspace);
    }

    @Override
    public void backwardWeight(
        Guarded x, FusedNormalization by, Guarded dy, Guarded dw, Workspace workspace) {
      plan.backwardWeight(x.array, by, dy.array, dw.array, workspace);
    }

    @Override
    public long workspaceSize(Parallelism parallelism) {
      return plan.workspaceSize(parallelism);
    }

    @Override
    public int[] outputShape() {
      return plan.outputShape();
    }

    @Override
    public int inputSize() {
      return plan.inputSize();
    }

    @Override
    public int weightSize() {
      return plan.weightSize();
    }

    @Override
    public int outputSize() {
      return plan.outputSize();
    }

    @Override
    public String describe() {
      return plan.describe();
    }
  }
}
