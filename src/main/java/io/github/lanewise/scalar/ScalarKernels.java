package io.github.lanewise.scalar;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernels;
import java.util.List;

/** The scalar twins: plain loops that C2 compiles on any machine. */
public final class ScalarKernels implements Kernels {
  @Override
  public List<Implementation<ConvolutionProblem>> convolutionForward() {
    return List.of(new ScalarConvolution.Forward());
  }

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionBackwardInput() {
    return List.of(new ScalarConvolution.BackwardInput());
  }

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionBackwardWeight() {
    return List.of(new ScalarConvolution.BackwardWeight());
  }

  @Override
  public List<Implementation<ChannelProblem>> channelSum() {
    return List.of(new ScalarChannelSum());
  }
}
