package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.Reduction;
import io.github.lanewise.kernel.RegressionLoss;

/** What the losses of a difference share. */
abstract class RegressionLossLayer extends ElementwiseLoss {
  private RegressionLoss plan;

  RegressionLossLayer(Reduction reduction) {
    super(reduction);
  }

  abstract RegressionLoss.Builder builder(int size);

  @Override
  final void plan(int[] shape) {
    plan = builder(Checks.size("input", shape)).reduction(reduction()).build();
  }

  @Override
  final void compute(float[] input, float[] target) {
    plan.forwardBackward(input, target, null, value(), gradient(), workspace());
  }
}
