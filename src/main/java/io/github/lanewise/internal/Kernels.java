package io.github.lanewise.internal;

import java.util.List;

/** What a backend offers: for each operation its implementations, best first, scalar twin last. */
public interface Kernels {
  /** {@code input, weight, bias → output}. */
  List<Implementation<ConvolutionProblem>> convolutionForward();

  /**
   * {@code gradOutput, weight, bias → gradInput}. Convolution's input gradient has no bias; a
   * transposed convolution's forward pass is this operation with one.
   */
  List<Implementation<ConvolutionProblem>> convolutionBackwardInput();

  /** {@code input, gradOutput → gradWeight}. */
  List<Implementation<ConvolutionProblem>> convolutionBackwardWeight();

  /** {@code gradOutput → gradBias}: sums over batch and plane. */
  List<Implementation<ChannelProblem>> channelSum();

  /** {@code input → output, indices}; indices may be {@code null}. */
  List<Implementation<PoolingProblem>> maxPooling();

  /** {@code gradOutput, indices → gradInput}. */
  List<Implementation<IndexedProblem>> maxPoolingBackward();

  /** {@code input, indices → output}. */
  List<Implementation<IndexedProblem>> maxUnpoolingForward();

  /** {@code gradOutput, indices → gradInput}. */
  List<Implementation<IndexedProblem>> maxUnpoolingBackward();

  /** {@code input, indices, fillValue, weight, bias → output}. */
  List<Implementation<UnpooledProblem>> unpooledForward();

  /**
   * {@code input, indices, fillValue, weight, gradOutput → gradInput, gradFillValue, gradWeight,
   * gradBias}; all results but gradWeight may be {@code null}.
   */
  List<Implementation<UnpooledProblem>> unpooledBackward();

  /** {@code input → output}. */
  List<Implementation<PoolingProblem>> averagePoolingForward();

  /** {@code gradOutput → gradInput}. */
  List<Implementation<PoolingProblem>> averagePoolingBackward();

  /** {@code input → output}, or {@code input, output, gradOutput → gradInput}. */
  List<Implementation<ActivationProblem>> activation();

  /** {@code input → output}, or {@code output, gradOutput → gradInput}. */
  List<Implementation<SoftmaxProblem>> softmax();

  /** The passes of batch normalisation. */
  List<Implementation<BatchNormalizationProblem>> batchNormalization();

  /** {@code input, target → sum} or {@code output}, and {@code gradInput}. */
  List<Implementation<LossProblem>> loss();

  /** {@code input, target} or {@code indices → sum} or {@code output}, and {@code gradInput}. */
  List<Implementation<CrossEntropyProblem>> crossEntropy();

  /** {@code input → output}. */
  List<Implementation<DropoutProblem>> dropout();

  /** {@code grad → param, expAvg, expAvgSq, maxExpAvgSq}. */
  List<Implementation<AdamProblem>> adam();

  /** {@code grad → param, expAvg}. */
  List<Implementation<SgdProblem>> sgd();

  /** {@code input = A, weight = B, bias → output = C}. */
  List<Implementation<MatrixProblem>> matrixProduct();
}
