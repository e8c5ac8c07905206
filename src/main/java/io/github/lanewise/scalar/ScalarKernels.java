package io.github.lanewise.scalar;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernels;
import io.github.lanewise.internal.PoolingProblem;
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

  @Override
  public List<Implementation<PoolingProblem>> maxPooling() {
    return List.of(new ScalarMaxPooling());
  }

  @Override
  public List<Implementation<IndexedProblem>> maxPoolingBackward() {
    return List.of(new ScalarIndexed.MaxPoolingBackward());
  }

  @Override
  public List<Implementation<IndexedProblem>> maxUnpoolingForward() {
    return List.of(new ScalarIndexed.MaxUnpoolingForward());
  }

  @Override
  public List<Implementation<IndexedProblem>> maxUnpoolingBackward() {
    return List.of(new ScalarIndexed.MaxUnpoolingBackward());
  }

  @Override
  public List<Implementation<PoolingProblem>> averagePoolingForward() {
    return List.of(new ScalarAveragePooling.Forward());
  }

  @Override
  public List<Implementation<PoolingProblem>> averagePoolingBackward() {
    return List.of(new ScalarAveragePooling.Backward());
  }
}
