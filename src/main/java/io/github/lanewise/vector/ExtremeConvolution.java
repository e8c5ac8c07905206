package io.github.lanewise.vector;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import java.util.List;

/**
 * Leaves convolutions to the scalar twin whose geometry is out of proportion: the other
 * implementations plan a table for each phase of the stride and each product of a sum, and copy
 * their source with its padding, which for a stride of a million, or a padding of a thousand
 * images' widths, would take more memory than the arrays themselves. They may rely on these limits,
 * also for their int arithmetic.
 */
final class ExtremeConvolution implements Implementation<ConvolutionProblem> {
  private static final long MOST_PHASES = 1 << 16;
  private static final long MOST_TERMS = 1 << 24;
  private static final long MOST_PACKED = 1 << 28;

  private final Implementation<ConvolutionProblem> twin;

  ExtremeConvolution(List<Implementation<ConvolutionProblem>> twins) {
    twin = twins.getLast();
  }

  @Override
  public String name() {
    return "scalar for extreme geometry";
  }

  @Override
  public boolean accepts(ConvolutionProblem p) {
    long phases = (long) p.strideHeight() * p.strideWidth();
    long channels = Math.max(p.inPerGroup(), p.outPerGroup());
    long terms = channels * p.taps();
    double rows = reach(p.inHeight(), p.paddingHeight(), p.kernelHeight(), p.dilationHeight());
    double columns = reach(p.inWidth(), p.paddingWidth(), p.kernelWidth(), p.dilationWidth());
    double packed = channels * (rows + p.strideHeight()) * (columns + p.strideWidth());
    return phases > MOST_PHASES || terms > MOST_TERMS || packed > MOST_PACKED;
  }

  private static double reach(int size, int padding, int kernel, int dilation) {
    return size + 2.0 * padding + (double) kernel * dilation;
  }

  @Override
  public Kernel[] kernels(ConvolutionProblem problem) {
    return twin.kernels(problem);
  }
}
