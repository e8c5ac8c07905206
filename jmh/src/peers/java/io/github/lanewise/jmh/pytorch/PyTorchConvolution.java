package io.github.lanewise.jmh.pytorch;

import static org.bytedeco.pytorch.global.torch.convolution;
import static org.bytedeco.pytorch.global.torch.convolution_backward;

import io.github.lanewise.jmh.ConvolutionArm;
import io.github.lanewise.jmh.ConvolutionData;
import io.github.lanewise.jmh.ConvolutionProblem;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * PyTorch's convolution. The gradients come from the operator that autograd would call, without
 * autograd's own work, and all three at once as in training.
 */
final class PyTorchConvolution implements ConvolutionArm {
  private final ConvolutionData data;
  private final boolean transposed;
  private final long[] stride;
  private final long[] padding;
  private final long[] outputPadding;
  private final long[] dilation;
  private final long[] biasSizes;
  private final Tensor input;
  private final Tensor weight;
  private final TensorOptional bias;
  private final Tensor gradOutput;
  private final BoolPointer mask = new BoolPointer(3);

  PyTorchConvolution(ConvolutionProblem p, ConvolutionData data) {
    this.data = data;
    transposed = p.transposed();
    int axes = p.twoDimensional() ? 2 : 1;
    stride = repeat(axes, p.stride());
    padding = repeat(axes, p.padding());
    outputPadding = repeat(axes, p.outputPadding());
    dilation = repeat(axes, 1);
    biasSizes = new long[] {p.outChannels()};
    long n = p.batch();
    input =
        p.twoDimensional()
            ? PyTorch.copy(data.input, n, p.inChannels(), p.height(), p.width())
            : PyTorch.copy(data.input, n, p.inChannels(), p.width());
    long a = transposed ? p.inChannels() : p.outChannels();
    long b = transposed ? p.outChannels() : p.inChannels();
    weight =
        p.twoDimensional()
            ? PyTorch.copy(data.weight, a, b, p.kernel(), p.kernel())
            : PyTorch.copy(data.weight, a, b, p.kernel());
    bias = new TensorOptional(PyTorch.copy(data.bias, biasSizes));
    gradOutput = PyTorch.copy(data.gradOutput, p.outputShape());
    for (int i = 0; i < 3; i++) {
      mask.put(i, true);
    }
  }

  private static long[] repeat(int axes, long value) {
    long[] values = new long[axes];
    Arrays.fill(values, value);
    return values;
  }

  private Tensor output() {
    return convolution(
        input, weight, bias, stride, padding, dilation, transposed, outputPadding, 1);
  }

  private T_TensorTensorTensor_T gradients() {
    return convolution_backward(
        gradOutput,
        input,
        weight,
        biasSizes,
        stride,
        padding,
        dilation,
        transposed,
        outputPadding,
        1,
        mask);
  }

  @Override
  public void forward(Workspace workspace) {
    try (PointerScope scope = new PointerScope()) {
      output();
    }
  }

  @Override
  public boolean separateGradients() {
    return false;
  }

  @Override
  public void backwardInput(Workspace workspace) {
    throw new UnsupportedOperationException("PyTorch computes the gradients together");
  }

  @Override
  public void backwardWeight(Workspace workspace) {
    throw new UnsupportedOperationException("PyTorch computes the gradients together");
  }

  @Override
  public void backwardBias(Workspace workspace) {
    throw new UnsupportedOperationException("PyTorch computes the gradients together");
  }

  @Override
  public void backward(Workspace workspace) {
    try (PointerScope scope = new PointerScope()) {
      gradients();
    }
  }

  @Override
  public void fetch() {
    try (PointerScope scope = new PointerScope()) {
      PyTorch.fetch(output(), data.output);
      T_TensorTensorTensor_T gradients = gradients();
      PyTorch.fetch(gradients.get0(), data.gradInput);
      PyTorch.fetch(gradients.get1(), data.gradWeight);
      PyTorch.fetch(gradients.get2(), data.gradBias);
    }
  }
}
