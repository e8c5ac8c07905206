package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Sizes;
import io.github.lanewise.testing.Workspaces;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class OptimiserUpdateProperties {
  private static final int STEPS = 6;
  private static final double LR = 0.05;
  private static final double BETA1 = 0.8;
  private static final double BETA2 = 0.95;
  private static final double EPS = 1e-3;
  private static final int LARGE = 140_003;

  @Provide
  Arbitrary<Integer> sizes() {
    return Sizes.any();
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void adamFollowsTheFormulas(
      @ForAll boolean decoupled,
      @ForAll boolean amsgrad,
      @ForAll boolean decays,
      @ForAll("sizes") int size,
      @ForAll long seed) {
    Random random = new Random(seed);
    double weightDecay = decays ? 0.1 : 0;
    AdamUpdate.Builder builder = decoupled ? AdamUpdate.adamw(size) : AdamUpdate.adam(size);
    AdamUpdate plan =
        builder
            .lr(LR)
            .betas(BETA1, BETA2)
            .eps(EPS)
            .weightDecay(weightDecay)
            .amsgrad(amsgrad)
            .build();
    float[] start = Data.normals(size, random);
    double[] param = new double[size];
    for (int i = 0; i < size; i++) {
      param[i] = start[i];
    }
    double[] m = new double[size];
    double[] v = new double[size];
    double[] most = new double[size];
    Guarded p = Guarded.of(start, random);
    Guarded expAvg = Guarded.of(new float[size], random);
    Guarded expAvgSq = Guarded.of(new float[size], random);
    Guarded max = Guarded.of(new float[size], random);
    Workspace w = new Workspace();
    for (int t = 1; t <= STEPS; t++) {
      float[] grad = Data.normals(size, random);
      for (int i = 0; i < size; i++) {
        double g = grad[i];
        if (decoupled) {
          param[i] -= LR * weightDecay * param[i];
        } else {
          g += weightDecay * param[i];
        }
        m[i] = BETA1 * m[i] + (1 - BETA1) * g;
        v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
        most[i] = Math.max(most[i], v[i]);
        double second = (amsgrad ? most[i] : v[i]) / (1 - Math.pow(BETA2, t));
        param[i] -= LR * m[i] / (1 - Math.pow(BETA1, t)) / (Math.sqrt(second) + EPS);
      }
      Guarded g = Guarded.of(grad, random);
      plan.update(
          p.array,
          p.offset,
          g.array,
          g.offset,
          expAvg.array,
          expAvg.offset,
          expAvgSq.array,
          expAvgSq.offset,
          amsgrad ? max.array : null,
          max.offset,
          t,
          w);
      Bounds.close("param", param, 2e-6, 1e-6, p.values("param"));
      Bounds.close("exp_avg", m, 1e-6, 1e-6, expAvg.values("exp_avg"));
      Bounds.close("exp_avg_sq", v, 1e-6, 1e-6, expAvgSq.values("exp_avg_sq"));
      if (amsgrad) {
        Bounds.close("max_exp_avg_sq", most, 1e-6, 1e-6, max.values("max_exp_avg_sq"));
      }
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void sgdFollowsTheFormulas(
      @ForAll @IntRange(min = 0, max = 2) int momenta,
      @ForAll boolean variant,
      @ForAll boolean decays,
      @ForAll("sizes") int size,
      @ForAll long seed) {
    Random random = new Random(seed);
    double weightDecay = decays ? 0.1 : 0;
    double momentum = momenta * 0.45;
    boolean nesterov = momenta == 1 && variant;
    double dampening = momenta == 2 && variant ? 0.3 : 0;
    SgdUpdate plan =
        SgdUpdate.sgd(size)
            .lr(LR)
            .momentum(momentum)
            .dampening(dampening)
            .nesterov(nesterov)
            .weightDecay(weightDecay)
            .build();
    float[] start = Data.normals(size, random);
    double[] param = new double[size];
    double[] buffer = new double[size];
    for (int i = 0; i < size; i++) {
      param[i] = start[i];
    }
    Guarded p = Guarded.of(start, random);
    Guarded b = Guarded.forResult(size, random); // garbage, which the first step must not read
    Workspace w = new Workspace();
    for (int t = 1; t <= STEPS; t++) {
      float[] grad = Data.normals(size, random);
      for (int i = 0; i < size; i++) {
        double d = grad[i] + weightDecay * param[i];
        if (momentum != 0) {
          buffer[i] = t == 1 ? d : momentum * buffer[i] + (1 - dampening) * d;
          d = nesterov ? d + momentum * buffer[i] : buffer[i];
        }
        param[i] -= LR * d;
      }
      Guarded g = Guarded.of(grad, random);
      float[] state = momentum == 0 ? null : b.array;
      plan.update(p.array, p.offset, g.array, g.offset, state, b.offset, t, w);
      Bounds.close("param", param, 1e-6, 1e-6, p.values("param"));
      if (momentum != 0) {
        Bounds.close("momentum_buffer", buffer, 2e-6, 1e-6, b.values("momentum_buffer"));
      }
    }
  }

  /** Elements beyond those of the first task, and an end that fills no vector. */
  @Example
  void largeArraysFollowTheFormulas() {
    adamFollowsTheFormulas(false, true, true, LARGE, 1);
    adamFollowsTheFormulas(true, false, true, LARGE, 2);
    sgdFollowsTheFormulas(1, true, true, LARGE, 3);
    sgdFollowsTheFormulas(2, true, false, LARGE, 4);
  }

  @Example
  void bitsDoNotDependOnThreads() {
    int size = 300_007;
    Random random = new Random(9);
    float[] start = Data.normals(size, random);
    float[] grad = Data.normals(size, random);
    for (boolean amsgrad : new boolean[] {false, true}) {
      float[][] results = new float[2][];
      for (int i = 0; i < 2; i++) {
        results[i] = start.clone();
        Workspace w = new Workspace(Workspaces.threads(1 + 2 * i));
        float[] m = new float[size];
        float[] v = new float[size];
        float[] max = new float[size];
        for (int t = 1; t <= 3; t++) {
          AdamUpdate.adam(size)
              .amsgrad(amsgrad)
              .build()
              .update(results[i], grad, m, v, amsgrad ? max : null, t, w);
          SgdUpdate.sgd(size).momentum(0.9).build().update(results[i], grad, m, t, w);
        }
      }
      Compare.bits("param", results[0], results[1]);
    }
  }

  @Example
  void wrongArgumentsAreRefused() {
    refused("lr is -0.5", () -> AdamUpdate.adam(1).lr(-0.5));
    refused("eps is -3.0E-8", () -> AdamUpdate.adam(1).eps(-3e-8));
    refused("betas[0] is 1.0", () -> AdamUpdate.adamw(1).betas(1, 0.999));
    refused("betas[1] is -0.2", () -> AdamUpdate.adam(1).betas(0.9, -0.2));
    refused("weight_decay is -0.2", () -> AdamUpdate.adamw(1).weightDecay(-0.2));
    refused("lr is NaN", () -> SgdUpdate.sgd(1).lr(Double.NaN));
    refused("momentum is -0.5", () -> SgdUpdate.sgd(1).momentum(-0.5));
    refused("weight_decay is -0.3", () -> SgdUpdate.sgd(1).weightDecay(-0.3));
    // finite, but not as a float, which would make NaN of a gradient of 0
    String most = " but must be between 0.0 and 3.4028234663852886E38";
    refused("lr is 1.0E300" + most, () -> AdamUpdate.adam(1).lr(1e300));
    refused("eps is 1.0E39" + most, () -> AdamUpdate.adam(1).eps(1e39));
    refused("weight_decay is 1.0E39" + most, () -> AdamUpdate.adamw(1).weightDecay(1e39));
    refused("lr is 1.0E39" + most, () -> SgdUpdate.sgd(1).lr(1e39));
    refused("momentum is 1.0E39" + most, () -> SgdUpdate.sgd(1).momentum(1e39));
    refused("weight_decay is 1.0E39" + most, () -> SgdUpdate.sgd(1).weightDecay(1e39));
    for (double dampening : new double[] {-1e39, 1e39, Double.NaN}) {
      refused("dampening is " + dampening, () -> SgdUpdate.sgd(1).dampening(dampening));
    }
    AdamUpdate.adam(1).lr(Float.MAX_VALUE).eps(Float.MAX_VALUE).weightDecay(Float.MAX_VALUE);
    SgdUpdate.sgd(1).momentum(Float.MAX_VALUE).dampening(-Float.MAX_VALUE);
    refused("nesterov needs", () -> SgdUpdate.sgd(1).nesterov(true).build());
    refused(
        "nesterov needs",
        () -> SgdUpdate.sgd(1).momentum(0.9).dampening(0.9).nesterov(true).build());
    float[] a = new float[3];
    float[] b = new float[3];
    Workspace w = new Workspace();
    refused("step is 0", () -> AdamUpdate.adam(3).build().update(a, b, a, b, null, 0, w));
    refused("overlap", () -> AdamUpdate.adam(3).build().update(a, b, a, b, null, 1, w));
    refused("overlap", () -> SgdUpdate.sgd(3).build().update(a, a, null, 1, w));
    refused(
        "max_exp_avg_sq is null",
        () ->
            AdamUpdate.adam(3)
                .amsgrad(true)
                .build()
                .update(a, b, new float[3], new float[3], null, 1, w));
    refused(
        "momentum_buffer is null",
        () -> SgdUpdate.sgd(3).momentum(0.9).build().update(a, b, null, 1, w));
  }

  private static void refused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
