package io.github.lanewise.scalar;

import io.github.lanewise.internal.ActivationProblem;
import io.github.lanewise.internal.AdamProblem;
import io.github.lanewise.internal.BatchNormalizationProblem;
import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.CrossEntropyProblem;
import io.github.lanewise.internal.DropoutProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.IndexedProblem;
import io.github.lanewise.internal.Kernels;
import io.github.lanewise.internal.LossProblem;
import io.github.lanewise.internal.MatrixProblem;
import io.github.lanewise.internal.PoolingProblem;
import io.github.lanewise.internal.SgdProblem;
import io.github.lanewise.internal.SoftmaxProblem;
import io.github.lanewise.internal.UnpooledProblem;
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
  public List<Implementation<UnpooledProblem>> unpooledForward() {
    return List.of(new ScalarUnpooled.Forward());
  }

  @Override
  public List<Implementation<UnpooledProblem>> unpooledBackward() {
    return List.of(new ScalarUnpooled.Backward());
  }

  @Override
  public List<Implementation<PoolingProblem>> averagePoolingForward() {
    return List.of(new ScalarAveragePooling.Forward());
  }

  @Override
  public List<Implementation<PoolingProblem>> averagePoolingBackward() {
    return List.of(new ScalarAveragePooling.Backward());
  }

  @Override
  public List<Implementation<ActivationProblem>> activation() {
    return List.of(new ScalarActivation());
  }

  @Override
  public List<Implementation<SoftmaxProblem>> softmax() {
    return List.of(new ScalarSoftmax());
  }

  @Override
  public List<Implementation<BatchNormalizationProblem>> batchNormalization() {
    return List.of(new ScalarBatchNormalization());
  }

  @Override
  public List<Implementation<LossProblem>> loss() {
    return List.of(new ScalarLoss());
  }

  @Override
  public List<Implementation<CrossEntropyProblem>> crossEntropy() {
    return List.of(new ScalarCrossEntropy());
  }

  @Override
  public List<Implementation<DropoutProblem>> dropout() {
    return List.of(new ScalarDropout());
  }

  @Override
  public List<Implementation<AdamProblem>> adam() {
    return List.of(new ScalarAdam());
  }

  @Override
  public List<Implementation<SgdProblem>> sgd() {
    return List.of(new ScalarSgd());
  }

  @Override
  public List<Implementation<MatrixProblem>> matrixProduct() {
    return List.of(new ScalarMatrixProduct());
  }
}
