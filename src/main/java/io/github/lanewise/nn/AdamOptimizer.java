package io.github.lanewise.nn;

import io.github.lanewise.kernel.AdamUpdate;
import io.github.lanewise.kernel.Workspace;

/** What Adam and AdamW share: moments of each parameter, and how many steps it has made. */
abstract class AdamOptimizer extends Optimizer {
  private final AdamBuilder<?> arguments;
  private final AdamUpdate[] plans;
  private final float[][] expAvg;
  private final float[][] expAvgSq;
  private final float[][] maxExpAvgSq;
  private final long[] steps;

  AdamOptimizer(AdamBuilder<?> b) {
    super(b.parameters);
    arguments = b;
    int n = b.parameters.size();
    plans = new AdamUpdate[n];
    expAvg = new float[n][];
    expAvgSq = new float[n][];
    maxExpAvgSq = new float[n][];
    steps = new long[n];
    for (int i = 0; i < n; i++) {
      int size = b.parameters.get(i).data().elements();
      expAvg[i] = new float[size];
      expAvgSq[i] = new float[size];
      maxExpAvgSq[i] = b.amsgrad ? new float[size] : null;
      plans[i] = b.plan(size, b.lr);
    }
  }

  @Override
  public final void lr(double lr) {
    for (int i = 0; i < plans.length; i++) {
      plans[i] = arguments.plan(expAvg[i].length, lr);
    }
  }

  @Override
  final void update(int i, float[] data, float[] grad, Workspace workspace) {
    long step = steps[i] + 1;
    plans[i].update(data, grad, expAvg[i], expAvgSq[i], maxExpAvgSq[i], step, workspace);
    steps[i] = step; // one that threw does not count
  }
}
