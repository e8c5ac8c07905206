package io.github.lanewise.jmh;

import io.github.lanewise.kernel.AdamUpdate;
import io.github.lanewise.kernel.SgdUpdate;
import io.github.lanewise.kernel.Workspace;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Param;

/** Steps of the optimisers. */
public class OptimizerBenchmark extends TaskBenchmark {
  private static final double LR = 1e-3;
  private static final double MOMENTUM = 0.9;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPS = 1e-8;

  /** Three roundings of a number near 1: a step moves a parameter by a thousandth only. */
  private static final double TOLERANCE = 2e-7;

  /** The optimiser. */
  @Param({"adam", "sgd", "sgd.momentum"})
  public String kernel;

  /** Parameters: in the cache, and out of all caches. */
  @Param({"1024", "16777216"})
  public int size;

  @Override
  Limit limit() {
    return Limit.IN_PLACE;
  }

  @Override
  Task task() {
    return switch (kernel) {
      case "adam" -> new Adam();
      case "sgd" -> new Sgd(0);
      case "sgd.momentum" -> new Sgd(MOMENTUM);
      default -> throw new IllegalArgumentException("kernel is \"" + kernel + "\"");
    };
  }

  /** Steps that follow each other, each from what the one before it left. */
  private abstract class Steps implements Task {
    final float[] param = Sample.uniform(size, 1);
    final float[] grad = Sample.uniform(size, 2);

    /** What the optimiser keeps between steps. */
    private final float[][] state;

    private long step;

    Steps(int arrays) {
      state = new float[arrays][size];
    }

    /** Takes the step of that number. */
    abstract void update(long step, float[][] state, Workspace workspace);

    /** Has an element of each array of the state, as it was before that step, become the next. */
    abstract void advance(long step, double grad, double[] state);

    /** {@return what that step adds to a parameter} */
    abstract double change(long step, double grad, double[] state);

    @Override
    public void run(Workspace workspace) {
      update(++step, state, workspace);
    }

    /** Checks the first step, which differs, and two more. */
    @Override
    public void verify(Workspace workspace) {
      Sample.fill(param, 1);
      for (float[] array : state) {
        Arrays.fill(array, 0);
      }
      for (step = 0; step < 3; ) {
        float[] paramBefore = param.clone();
        float[][] before = Arrays.stream(state).map(float[]::clone).toArray(float[][]::new);
        run(workspace);
        String name = kernel + ", step " + step + ": ";
        Sample.verify(
            name + "param",
            param,
            size,
            i -> paramBefore[i] + change(step, grad[i], after(before, i)),
            TOLERANCE);
        for (int a = 0; a < state.length; a++) {
          int array = a;
          Sample.verify(
              name + "state " + a, state[a], size, i -> after(before, i)[array], TOLERANCE);
        }
      }
    }

    private double[] after(float[][] before, int index) {
      double[] element = Arrays.stream(before).mapToDouble(array -> array[index]).toArray();
      advance(step, grad[index], element);
      return element;
    }

    @Override
    public double flops() {
      return 0;
    }

    /** The gradient is read, the others are read and written. */
    @Override
    public double bytes() {
      return 4.0 * size * (3 + 2 * state.length);
    }
  }

  private final class Adam extends Steps {
    private final AdamUpdate plan =
        AdamUpdate.adam(size).lr(LR).betas(BETA1, BETA2).eps(EPS).build();

    Adam() {
      super(2);
      System.out.println("# " + kernel + ": " + plan.describe());
    }

    @Override
    void update(long step, float[][] state, Workspace workspace) {
      plan.update(param, grad, state[0], state[1], null, step, workspace);
    }

    @Override
    void advance(long step, double grad, double[] state) {
      state[0] = BETA1 * state[0] + (1 - BETA1) * grad;
      state[1] = BETA2 * state[1] + (1 - BETA2) * grad * grad;
    }

    @Override
    double change(long step, double grad, double[] state) {
      double first = state[0] / (1 - Math.pow(BETA1, step));
      double second = state[1] / (1 - Math.pow(BETA2, step));
      return -LR * first / (Math.sqrt(second) + EPS);
    }
  }

  private final class Sgd extends Steps {
    private final SgdUpdate plan;

    Sgd(double momentum) {
      super(momentum > 0 ? 1 : 0);
      plan = SgdUpdate.sgd(size).lr(LR).momentum(momentum).build();
      System.out.println("# " + kernel + ": " + plan.describe());
    }

    @Override
    void update(long step, float[][] state, Workspace workspace) {
      plan.update(param, grad, state.length > 0 ? state[0] : null, step, workspace);
    }

    @Override
    void advance(long step, double grad, double[] state) {
      if (state.length > 0) {
        state[0] = MOMENTUM * state[0] + grad;
      }
    }

    @Override
    double change(long step, double grad, double[] state) {
      return -LR * (state.length > 0 ? state[0] : grad);
    }
  }
}
