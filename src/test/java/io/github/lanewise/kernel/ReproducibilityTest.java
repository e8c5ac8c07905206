package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.Data;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.GuardedInts;
import io.github.lanewise.testing.Workspaces;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every pass of every plan gives the same bits whatever the offsets of its arrays, the threads,
 * what the workspace held, and how often it ran before, and writes nothing beside its results. The
 * passes are found by reflection; most plans are large enough for several tasks.
 */
class ReproducibilityTest {
  private static final int LARGE = 150_001;

  /** As long as the longest array of all plans, at least. */
  private static final int PLENTY = 500_000;

  private static final List<Object> PLANS =
      List.of(
          Activation.relu(LARGE),
          Activation.leakyRelu(LARGE, 0.1),
          Activation.sigmoid(LARGE),
          Activation.tanh(LARGE),
          AdamUpdate.adam(LARGE).build(),
          AdamUpdate.adamw(LARGE).amsgrad(true).build(),
          AdaptiveAveragePooling.adaptiveAvgPool2d(4, 20, 43, 41, 7, 5).build(),
          AdaptiveMaxPooling.adaptiveMaxPool2d(4, 20, 43, 41, 7, 5).build(),
          AveragePooling.avgPool1d(20, 30, 301, 5).stride(1).build(),
          AveragePooling.avgPool2d(4, 23, 40, 41, 3).stride(2).padding(1).build(),
          AveragePooling.avgPool2d(4, 23, 40, 41, 3).build(),
          BatchNormalization.of(5, 3, 10_007).build(),
          BatchNormalization.of(1_100, 70, 1).build(),
          BatchNormalization.of(5, 3, 10_007).reluInput(true).build(),
          BatchNormalization.of(1_100, 70, 1).reluInput(true).build(),
          BatchNormalization.of(1, 2, 140_001).reluInput(true).reluOutput(true).build(),
          BatchNormalization.of(1_100, 70, 1).reluOutput(true).build(),
          BatchNormalization.of(5, 3, 10_007).zeros(20_000).reluInput(true).build(),
          BatchNormalization.of(1, 2, 140_001).zeros(300).build(),
          BatchNormalization.of(1_100, 70, 1).zeros(2).build(),
          BinaryCrossEntropyWithLogits.of(301, 503).build(),
          BinaryCrossEntropyWithLogits.of(301, 503).reduction(Reduction.NONE).build(),
          Convolution.conv1d(3, 1, 3, 3_001, 6).stride(3).padding(2).build(),
          Convolution.conv2d(4, 32, 40, 14, 14, 3).padding(1).build(),
          Convolution.conv2d(3, 32, 32, 21, 23, 3).groups(32).build(),
          Convolution.conv2d(1, 70, 200, 14, 14, 3)
              .padding(1)
              .build()
              .packWeights(new float[126_000], new float[200]),
          Convolution.conv2d(18, 3, 2, 40, 41, 3).padding(1).build(), // takes a normalisation
          CrossEntropy.of(64, 21, 201).build(),
          CrossEntropy.of(800, 203, 1).reduction(Reduction.NONE).build(),
          CrossEntropy.of(7_001, 21, 1).labelSmoothing(0.1).build(),
          Dropout.of(LARGE, 0.5),
          Passes.fused(BatchNormalization.of(5, 3, 10_007)),
          Passes.fused(BatchNormalization.of(1, 2, 140_001).reluInput(true)),
          Passes.fused(BatchNormalization.of(150, 70, 13)),
          MatrixProduct.of(130, 300, 260).build(),
          MatrixProduct.of(57, 1_030, 513).transposeA(true).transposeB(true).build(),
          MaxPooling.maxPool1d(20, 30, 301, 2).build(),
          MaxPooling.maxPool2d(4, 23, 40, 41, 3).stride(2).padding(1).build(),
          MaxUnpooling.maxUnpool2d(4, 23, 20, 21, 2).build(),
          MaxUnpooling.maxUnpool1d(20, 30, 151, 2)
              .duplicateGradient(MaxUnpooling.DuplicateGradient.WINNER_ONLY)
              .build(),
          RegressionLoss.mseLoss(LARGE).build(),
          RegressionLoss.l1Loss(LARGE).reduction(Reduction.SUM).build(),
          RegressionLoss.smoothL1Loss(LARGE, 0.7).reduction(Reduction.NONE).build(),
          SgdUpdate.sgd(LARGE).build(),
          SgdUpdate.sgd(LARGE).momentum(0.9).nesterov(true).build(),
          Softmax.softmax(8, 21, 1_001),
          Softmax.softmax(200, 1_003, 1),
          Softmax.softmax(15_001, 10, 1),
          Softmax.logSoftmax(8, 21, 1_001),
          Softmax.logSoftmax(200, 1_003, 1),
          Softmax.logSoftmax(8_001, 17, 1),
          TransposedConvolution.convTranspose1d(3, 3, 1, 1_001, 28).stride(3).build(),
          TransposedConvolution.convTranspose2d(4, 40, 32, 14, 14, 3).stride(2).build(),
          TransposedConvolution.convTranspose2d(17, 4, 2, 31, 33, 3).padding(1).build(),
          // both passes by the values alone; then the backward pass only, in bands
          TransposedConvolution.convTranspose1d(20, 64, 32, 88, 25)
              .padding(12)
              .build()
              .unpooled(44),
          TransposedConvolution.convTranspose2d(17, 4, 32, 14, 14, 3)
              .stride(2)
              .padding(1)
              .build()
              .unpooled(49),
          // the backward pass also with a normalisation
          TransposedConvolution.convTranspose2d(17, 16, 16, 8, 9, 3)
              .stride(2)
              .padding(1)
              .outputPadding(1)
              .build()
              .unpooled(18));

  private static final Pattern NEEDED = Pattern.compile("but (\\d+) are needed");

  @Test
  void everyPassIsHere() throws Exception {
    assertEquals(Set.of(), Passes.missingFrom(PLANS), "passes without a test");
  }

  @TestFactory
  Stream<DynamicContainer> everyPassDependsOnItsArgumentsOnly() {
    return PLANS.stream()
        .map(
            plan ->
                dynamicContainer(
                    plan.getClass().getSimpleName(),
                    Passes.of(plan).stream()
                        .map(m -> new Pass(plan, m))
                        .map(p -> dynamicTest(p.toString(), p::check))));
  }

  /**
   * A method of a plan, and the data of its array parameters: float[], int[] or null. A last
   * element is the plan's own state.
   */
  private static final class Pass {
    final Object plan;
    final Method method;
    final Parameter[] parameters;
    final Object[] data;

    /** The one that the method takes, if it does; passes read it only. */
    final FusedNormalization normalization;

    Pass(Object plan, Method method) {
      this.plan = plan;
      this.method = method;
      parameters = method.getParameters();
      data = new Object[parameters.length + 1];
      normalization = Passes.takesNormalization(method) ? Passes.normalization(plan, method) : null;
    }

    @Override
    public String toString() {
      return method.getName() + (hasOffsets() ? " with offsets " : " ") + plan.hashCode() % 1000;
    }

    private boolean hasOffsets() {
      return Arrays.stream(parameters).anyMatch(p -> p.getName().endsWith("Offset"));
    }

    void check() throws Throwable {
      drawData();
      Random random = new Random(2);
      Object[] expected = run(null, new Workspace());
      assertTrue(changes(expected), "nothing was written");
      for (int width = hasOffsets() ? 1 : 3; width <= 3; width++) { // the others call this one
        Parallelism threads = Workspaces.threads(width);
        long need = Passes.workspaceSize(plan, threads);
        int spare = random.nextInt(99);
        Workspace workspace = Workspaces.filled(need + spare, Float.NaN, threads);
        for (int repetition = 0; repetition < 2; repetition++) {
          assertSame(expected, run(hasOffsets() ? random : null, workspace));
        }
        assertEquals(need + spare, workspace.size(), "the floats that workspaceSize asked for");
      }
    }

    /** Asks the plan how long each array must be; one that it does not want is null. */
    private void drawData() throws Throwable {
      Random random = new Random(1);
      for (int i = 0; i < parameters.length; i++) {
        if (parameters[i].getType().isArray()) {
          int needed = needed(i);
          String name = parameters[i].getName();
          if (needed == 0) {
            data[i] = null;
          } else if (parameters[i].getType() == int[].class) {
            data[i] = random.ints(needed, 0, 20).toArray(); // a class, or a place in a plane
          } else if (name.contains("Sq") || name.contains("Var") || name.contains("invStd")) {
            data[i] = Data.magnitudes(Data.normals(needed, random));
          } else {
            data[i] = Data.normals(needed, random);
          }
        }
      }
      Passes.spoil(plan);
      data[parameters.length] = Passes.state(plan);
    }

    private int needed(int array) throws Throwable {
      Object[] arguments = new Object[parameters.length];
      for (int i = 0; i < arguments.length; i++) {
        int length = i == array ? 0 : PLENTY;
        Class<?> type = parameters[i].getType();
        boolean unwanted = i < array && data[i] == null;
        if (type == float[].class) {
          arguments[i] = unwanted ? null : new float[length];
        } else if (type == int[].class) {
          arguments[i] = unwanted ? null : new int[length];
        } else {
          arguments[i] = other(type, new Workspace());
        }
      }
      try {
        call(arguments);
        return 0;
      } catch (IllegalArgumentException e) {
        Matcher needed = NEEDED.matcher(e.getMessage());
        return needed.find() ? Integer.parseInt(needed.group(1)) : 0;
      }
    }

    private Object other(Class<?> type, Workspace workspace) {
      if (type == FusedNormalization.class) {
        return normalization;
      }
      return type == int.class
          ? (Object) 0
          : type == long.class ? (Object) 2L : type == double.class ? (Object) 0.25 : workspace;
    }

    /**
     * What the arrays hold after a call on copies, which lie between guards unless random is null.
     */
    private Object[] run(Random random, Workspace workspace) throws Throwable {
      Object[] arguments = new Object[parameters.length];
      Object[] guards = new Object[parameters.length];
      for (int i = 0; i < arguments.length; i++) {
        if (data[i] == null) {
          boolean array = parameters[i].getType().isArray();
          boolean offset = i > 0 && guards[i - 1] != null;
          arguments[i] =
              array ? null : offset ? arguments[i] : other(parameters[i].getType(), workspace);
        } else if (random == null) {
          arguments[i] = data[i] instanceof float[] f ? f.clone() : ((int[]) data[i]).clone();
        } else if (data[i] instanceof float[] floats) {
          Guarded guarded = Guarded.of(floats, random);
          guards[i] = guarded;
          arguments[i] = guarded.array;
          arguments[i + 1] = guarded.offset;
        } else {
          GuardedInts guarded = GuardedInts.of((int[]) data[i], random);
          guards[i] = guarded;
          arguments[i] = guarded.array;
          arguments[i + 1] = guarded.offset;
        }
      }
      Passes.spoil(plan);
      call(arguments);
      Object[] after = new Object[parameters.length + 1];
      after[parameters.length] = Passes.state(plan);
      for (int i = 0; i < parameters.length; i++) {
        String name = parameters[i].getName();
        if (guards[i] instanceof Guarded guarded) {
          after[i] = guarded.values(name);
        } else if (guards[i] instanceof GuardedInts guarded) {
          after[i] = guarded.values(name);
        } else if (data[i] != null) {
          after[i] = arguments[i];
        }
      }
      return after;
    }

    private boolean changes(Object[] after) {
      return !Arrays.deepEquals(data, after);
    }

    private void assertSame(Object[] expected, Object[] actual) {
      assertTrue(
          Arrays.deepEquals(
              (double[][]) expected[parameters.length], (double[][]) actual[parameters.length]),
          "state");
      for (int i = 0; i < parameters.length; i++) {
        String name = parameters[i].getName();
        if (expected[i] instanceof float[] floats) {
          Compare.bits(name, floats, (float[]) actual[i]);
        } else if (expected[i] instanceof int[] ints) {
          assertTrue(Arrays.equals(ints, (int[]) actual[i]), name);
        }
      }
    }

    private void call(Object[] arguments) throws Throwable {
      try {
        method.invoke(plan, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}
