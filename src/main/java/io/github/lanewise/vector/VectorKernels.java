package io.github.lanewise.vector;

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
import io.github.lanewise.scalar.ScalarKernels;
import java.util.ArrayList;
import java.util.List;

/** The vector kernels, each list ending in the scalar twin. */
public final class VectorKernels implements Kernels {
  private final Kernels scalar = new ScalarKernels();

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionForward() {
    List<Implementation<ConvolutionProblem>> twins = scalar.convolutionForward();
    return before(
        twins,
        new ExtremeConvolution(twins),
        PointwiseConvolution.forward(),
        WidthLanes.forward(),
        ChannelLanes.forward());
  }

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionBackwardInput() {
    List<Implementation<ConvolutionProblem>> twins = scalar.convolutionBackwardInput();
    return before(
        twins,
        new ExtremeConvolution(twins),
        PointwiseConvolution.backwardInput(),
        new ScatterAdd(),
        WidthLanes.backwardInput(),
        ChannelLanes.backwardInput());
  }

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionBackwardWeight() {
    List<Implementation<ConvolutionProblem>> twins = scalar.convolutionBackwardWeight();
    return before(
        twins,
        new ExtremeConvolution(twins),
        new PointwiseWeightGradient(),
        new WidthLanesWeightGradient(),
        new WeightGradient());
  }

  @Override
  public List<Implementation<ChannelProblem>> channelSum() {
    return before(scalar.channelSum(), new VectorChannelSum());
  }

  @Override
  public List<Implementation<PoolingProblem>> maxPooling() {
    return before(scalar.maxPooling(), new VectorMaxPooling(), new VectorAdaptiveMaxPooling());
  }

  @Override
  public List<Implementation<IndexedProblem>> maxPoolingBackward() {
    return before(
        checked(scalar.maxPoolingBackward()), new IndexedPairs(true), new IndexedTiles(true));
  }

  @Override
  public List<Implementation<IndexedProblem>> maxUnpoolingForward() {
    return before(
        checked(scalar.maxUnpoolingForward()), new IndexedPairs(false), new IndexedTiles(false));
  }

  @Override
  public List<Implementation<IndexedProblem>> maxUnpoolingBackward() {
    return before(checked(scalar.maxUnpoolingBackward()), new IndexedSelect());
  }

  @Override
  public List<Implementation<UnpooledProblem>> unpooledForward() {
    return before(scalar.unpooledForward(), new UnpooledForward());
  }

  @Override
  public List<Implementation<UnpooledProblem>> unpooledBackward() {
    return before(scalar.unpooledBackward(), new UnpooledBackward());
  }

  @Override
  public List<Implementation<PoolingProblem>> averagePoolingForward() {
    return before(
        scalar.averagePoolingForward(),
        new VectorAveragePooling(),
        new VectorAdaptiveAveragePooling());
  }

  @Override
  public List<Implementation<PoolingProblem>> averagePoolingBackward() {
    return before(
        scalar.averagePoolingBackward(),
        new AveragePoolingTiles(),
        new VectorAveragePoolingBackward(),
        new VectorAdaptiveAveragePoolingBackward());
  }

  @Override
  public List<Implementation<ActivationProblem>> activation() {
    return before(scalar.activation(), new VectorActivation());
  }

  @Override
  public List<Implementation<SoftmaxProblem>> softmax() {
    return before(scalar.softmax(), new VectorSoftmaxColumns(), new VectorSoftmaxRows());
  }

  @Override
  public List<Implementation<BatchNormalizationProblem>> batchNormalization() {
    return before(
        scalar.batchNormalization(),
        new VectorBatchNormalization(),
        new VectorBatchNormalizationRows());
  }

  @Override
  public List<Implementation<LossProblem>> loss() {
    return before(scalar.loss(), new VectorLoss(), new VectorBinaryCrossEntropy());
  }

  @Override
  public List<Implementation<CrossEntropyProblem>> crossEntropy() {
    return before(
        scalar.crossEntropy(), new VectorCrossEntropyColumns(), new VectorCrossEntropyRows());
  }

  @Override
  public List<Implementation<DropoutProblem>> dropout() {
    return before(scalar.dropout(), new VectorDropout());
  }

  @Override
  public List<Implementation<AdamProblem>> adam() {
    return before(scalar.adam(), new VectorAdam());
  }

  @Override
  public List<Implementation<SgdProblem>> sgd() {
    return before(scalar.sgd(), new VectorSgd());
  }

  @Override
  public List<Implementation<MatrixProblem>> matrixProduct() {
    return before(
        scalar.matrixProduct(),
        new ColumnsMatrixProduct(),
        new RowsMatrixProduct(),
        new PackedMatrixProduct());
  }

  private static List<Implementation<IndexedProblem>> checked(
      List<Implementation<IndexedProblem>> twins) {
    return before(twins, new VectorIndexed(twins.getLast()));
  }

  @SafeVarargs
  private static <P> List<Implementation<P>> before(
      List<Implementation<P>> twins, Implementation<P>... vector) {
    List<Implementation<P>> list = new ArrayList<>();
    for (Implementation<P> implementation : vector) {
      list.add(implementation);
    }
    list.addAll(twins);
    return List.copyOf(list);
  }
}
