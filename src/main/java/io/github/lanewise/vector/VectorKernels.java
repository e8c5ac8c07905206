package io.github.lanewise.vector;

import io.github.lanewise.internal.ChannelProblem;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernels;
import io.github.lanewise.scalar.ScalarKernels;
import java.util.ArrayList;
import java.util.List;

/** The vector kernels, each list ending in the scalar twin. */
public final class VectorKernels implements Kernels {
  private final Kernels scalar = new ScalarKernels();

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionForward() {
    return before(scalar.convolutionForward());
  }

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionBackwardInput() {
    return before(scalar.convolutionBackwardInput());
  }

  @Override
  public List<Implementation<ConvolutionProblem>> convolutionBackwardWeight() {
    return before(scalar.convolutionBackwardWeight());
  }

  @Override
  public List<Implementation<ChannelProblem>> channelSum() {
    return before(scalar.channelSum());
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
