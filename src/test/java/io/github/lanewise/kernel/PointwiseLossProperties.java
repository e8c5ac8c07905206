package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The losses that are sums of one term an element: of regression, and binary cross-entropy. */
class PointwiseLossProperties {
  private static final double BETA = 0.5;
  private static final double H = 1e-6;

  private enum Loss {
    MSE,
    L1,
    SMOOTH_L1,
    BCE;

    /** The term of an element, from the formula in PyTorch's documentation. */
    double term(double x, double t, double w, double p) {
      double d = Math.abs(x - t);
      return switch (this) {
        case MSE -> d * d;
        case L1 -> d;
        case SMOOTH_L1 -> d < BETA ? d * d / (2 * BETA) : d - BETA / 2;
        case BCE -> {
          double logSigmoid = -Math.log1p(Math.exp(-Math.abs(x))) + Math.min(x, 0);
          double logOther = -Math.log1p(Math.exp(-Math.abs(x))) + Math.min(-x, 0);
          yield -w * (p * t * logSigmoid + (1 - t) * logOther);
        }
      };
    }

    double derivative(double x, double t, double w, double p) {
      if (this == L1) {
        return Math.signum(x - t); // which has none where they are equal; PyTorch says 0
      }
      return (term(x + H, t, w, p) - term(x - H, t, w, p)) / (2 * H);
    }
  }

  /** A plan of either class, and the arrays it works on. */
  private static final class Run {
    final Loss loss;
    final Reduction reduction;
    final int columns;
    final float[] x;
    final float[] t;
    final float[] weight;
    final float[] posWeight;
    final float[] g;
    float[] value;
    float[] gradient;
    float[] bothValue;
    float[] bothGradient;

    Run(Loss loss, Reduction reduction, int rows, int columns, boolean integers, Random random) {
      this.loss = loss;
      this.reduction = reduction;
      this.columns = columns;
      int size = rows * columns;
      x = integers ? Data.integers(size, random) : Data.normals(size, random);
      t = integers ? Data.integers(size, random) : Data.normals(size, random);
      boolean bce = loss == Loss.BCE;
      weight = bce && random.nextBoolean() ? Data.normals(size, random) : null;
      posWeight = bce && random.nextBoolean() ? Data.normals(columns, random) : null;
      if (bce) {
        for (int i = 0; i < size; i++) {
          t[i] = random.nextInt(4) / 3f;
        }
      }
      int outputs = reduction == Reduction.NONE ? size : 1;
      g = integers ? Data.integers(outputs, random) : Data.normals(outputs, random);
    }

    void run(Workspace w, Random random) {
      Guarded in = Guarded.of(x, random);
      Guarded target = Guarded.of(t, random);
      Guarded dy = Guarded.of(g, random);
      Guarded y = Guarded.forResult(g.length, random);
      Guarded dx = Guarded.forResult(x.length, random);
      Guarded y2 = Guarded.forResult(g.length, random);
      Guarded dx2 = Guarded.forResult(x.length, random);
      if (loss == Loss.BCE) {
        BinaryCrossEntropyWithLogits plan =
            BinaryCrossEntropyWithLogits.of(x.length / columns, columns)
                .reduction(reduction)
                .build();
        plan.forward(
            in.array,
            in.offset,
            target.array,
            target.offset,
            weight,
            0,
            posWeight,
            0,
            y.array,
            y.offset,
            w);
        plan.backward(
            in.array,
            in.offset,
            target.array,
            target.offset,
            weight,
            0,
            posWeight,
            0,
            dy.array,
            dy.offset,
            dx.array,
            dx.offset,
            w);
        plan.forwardBackward(
            in.array,
            in.offset,
            target.array,
            target.offset,
            weight,
            0,
            posWeight,
            0,
            dy.array,
            dy.offset,
            y2.array,
            y2.offset,
            dx2.array,
            dx2.offset,
            w);
      } else {
        RegressionLoss plan = regression(loss, x.length).reduction(reduction).build();
        plan.forward(in.array, in.offset, target.array, target.offset, y.array, y.offset, w);
        plan.backward(
            in.array,
            in.offset,
            target.array,
            target.offset,
            dy.array,
            dy.offset,
            dx.array,
            dx.offset,
            w);
        plan.forwardBackward(
            in.array,
            in.offset,
            target.array,
            target.offset,
            dy.array,
            dy.offset,
            y2.array,
            y2.offset,
            dx2.array,
            dx2.offset,
            w);
      }
      value = y.values("output");
      gradient = dx.values("grad_input");
      bothValue = y2.values("output of both");
      bothGradient = dx2.values("grad_input of both");
    }

    double[] expectedValue() {
      double[] expected = new double[g.length];
      for (int i = 0; i < x.length; i++) {
        expected[reduction == Reduction.NONE ? i : 0] +=
            loss.term(x[i], t[i], weight(i), posWeight(i)) * share();
      }
      return expected;
    }

    double[] expectedGradient() {
      double[] expected = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        double upstream = g[reduction == Reduction.NONE ? i : 0] * share();
        expected[i] = upstream * loss.derivative(x[i], t[i], weight(i), posWeight(i));
      }
      return expected;
    }

    private double share() {
      return reduction == Reduction.MEAN ? 1.0 / x.length : 1;
    }

    private double weight(int i) {
      return weight == null ? 1 : weight[i];
    }

    private double posWeight(int i) {
      return posWeight == null ? 1 : posWeight[i % columns];
    }
  }

  private static RegressionLoss.Builder regression(Loss loss, int size) {
    return switch (loss) {
      case MSE -> RegressionLoss.mseLoss(size);
      case L1 -> RegressionLoss.l1Loss(size);
      default -> RegressionLoss.smoothL1Loss(size, BETA);
    };
  }

  @Provide
  Arbitrary<Integer> sizes() {
    return Arbitraries.oneOf(Sizes.any(), Arbitraries.of(4095, 4097, 8200));
  }

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void followTheFormulas(
      @ForAll Loss loss,
      @ForAll Reduction reduction,
      @ForAll("sizes") int columns,
      @ForAll("sizes") int rows,
      @ForAll long seed) {
    Random random = new Random(seed);
    Run r =
        new Run(loss, reduction, columns > 100 ? 1 : Math.min(rows, 70), columns, false, random);
    r.run(new Workspace(), random);
    double terms = reduction == Reduction.SUM ? Math.sqrt(r.x.length) : 1;
    Bounds.close("output", r.expectedValue(), 2e-6 * terms, 1e-6, r.value);
    // difference quotients are good to some 1e-9, but at the corners of smooth_l1
    Bounds.close("grad_input", r.expectedGradient(), 2e-6, 2e-6, r.gradient);
    Compare.bits("output of both", r.value, r.bothValue);
    Compare.bits("grad_input of both", r.gradient, r.bothGradient);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void sumsOfIntegersAreExact(
      @ForAll boolean squares, @ForAll("sizes") int size, @ForAll long seed) {
    Random random = new Random(seed);
    Run r = new Run(squares ? Loss.MSE : Loss.L1, Reduction.SUM, 1, size, true, random);
    r.run(new Workspace(), random);
    Compare.exact("output", r.expectedValue(), r.value);
    for (int i = 0; i < size; i++) {
      double d = r.x[i] - r.t[i];
      assertEquals(r.g[0] * (squares ? 2 * d : Math.signum(d)), r.gradient[i], "grad_input " + i);
    }
  }

  @Example
  void bitsDoNotDependOnThreads() {
    for (Loss loss : Loss.values()) {
      for (Reduction reduction : Reduction.values()) {
        Random random = new Random(7);
        Run r = new Run(loss, reduction, 3001, 101, false, random);
        r.run(new Workspace(), random);
        float[] value = r.value;
        float[] gradient = r.gradient;
        r.run(Workspaces.filled(100, Float.NaN, Workspaces.threads(3)), random);
        Compare.bits(loss + " " + reduction, value, r.value);
        Compare.bits(loss + " " + reduction, gradient, r.gradient);
        Bounds.close("output", r.expectedValue(), 1e-5, 1e-5, r.value);
      }
    }
  }

  @Example
  void hugeLogitsDoNotOverflow() {
    float[] x = {1000, -1000, 1000, -1000};
    float[] t = {1, 0, 0, 1};
    float[] y = new float[4];
    float[] dx = new float[4];
    BinaryCrossEntropyWithLogits plan =
        BinaryCrossEntropyWithLogits.of(1, 4).reduction(Reduction.NONE).build();
    float[] ones = {1, 1, 1, 1};
    plan.forwardBackward(x, t, null, null, ones, y, dx, new Workspace());
    Compare.exact("output", new float[] {0, 0, 1000, 1000}, y);
    Compare.exact("grad_input", new float[] {0, 0, 1, -1}, dx);
  }

  @Example
  void nanIsKept() {
    float[] x = {1, Float.NaN, 2};
    float[] y = new float[1];
    for (Loss loss : new Loss[] {Loss.MSE, Loss.L1, Loss.SMOOTH_L1}) {
      regression(loss, 3).build().forward(x, new float[3], y, new Workspace());
      assertTrue(Float.isNaN(y[0]), loss.toString());
    }
  }

  @Example
  void aBetaOfZeroIsL1() {
    RegressionLoss plan = RegressionLoss.smoothL1Loss(2, 0).build();
    float[] y = new float[1];
    float[] dx = new float[2];
    plan.forwardBackward(new float[] {3, 1}, new float[] {1, 1}, null, y, dx, new Workspace());
    assertEquals(1, y[0]);
    Compare.exact("grad_input", new float[] {0.5f, 0}, dx);
  }

  @Example
  void wrongArgumentsAreRefused() {
    float[] x = new float[38];
    Workspace w = new Workspace();
    refused("beta is -1.0", () -> RegressionLoss.smoothL1Loss(1, -1));
    refused("size is 0", () -> RegressionLoss.mseLoss(0));
    refused("\"max\" but must be one of [none, mean, sum]", () -> Reduction.of("max"));
    refused("reduction is null", () -> RegressionLoss.mseLoss(1).reduction(null));
    refused("reduction is null", () -> BinaryCrossEntropyWithLogits.of(1, 1).reduction(null));
    RegressionLoss mse = RegressionLoss.mseLoss(38).build();
    refused("target has 2", () -> mse.forward(x, new float[2], new float[1], w));
    refused("output has 0", () -> mse.forward(x, x, new float[0], w));
    refused("overlap", () -> mse.backward(x, new float[38], null, x, w));
    RegressionLoss each = RegressionLoss.mseLoss(38).reduction(Reduction.NONE).build();
    refused("grad_output is null", () -> each.backward(x, x, null, new float[38], w));
    BinaryCrossEntropyWithLogits bce = BinaryCrossEntropyWithLogits.of(2, 19).build();
    refused("pos_weight has 2", () -> bce.forward(x, x, null, new float[2], new float[1], w));
    refused("weight has 2", () -> bce.forward(x, x, new float[2], null, new float[1], w));
  }

  private static void refused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
