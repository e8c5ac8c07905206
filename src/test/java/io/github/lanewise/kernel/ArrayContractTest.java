package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.lanewise.testing.Compare;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every pass of every plan promises of its arrays, tried on each array in turn: one that is
 * too short, missing, or begins outside is refused by name, and so is one that overlaps what is
 * written. The passes are found by reflection, the lengths they need by shortening.
 */
class ArrayContractTest {
  private static final int PLENTY = 4000;

  private static final List<Object> PLANS =
      List.of(
          Activation.relu(37),
          Activation.sigmoid(37),
          AdamUpdate.adam(37).build(),
          AdamUpdate.adamw(37).amsgrad(true).build(),
          AdaptiveAveragePooling.adaptiveAvgPool2d(2, 3, 5, 7, 2, 3).build(),
          AdaptiveMaxPooling.adaptiveMaxPool1d(2, 3, 7, 3).build(),
          AveragePooling.avgPool2d(2, 3, 6, 7, 2, 3).build(),
          BatchNormalization.of(2, 3, 5).build(),
          BatchNormalization.of(4, 19, 1).build(),
          BatchNormalization.of(2, 3, 5).reluInput(true).build(),
          BatchNormalization.of(2, 3, 5).reluOutput(true).build(),
          BatchNormalization.of(2, 3, 5).zeros(4).build(),
          BatchNormalization.of(4, 19, 1).zeros(2).reluInput(true).build(),
          BatchNormalization.of(4, 19, 1).reluOutput(true).build(),
          BinaryCrossEntropyWithLogits.of(3, 7).build(),
          BinaryCrossEntropyWithLogits.of(3, 7).reduction(Reduction.NONE).build(),
          Convolution.conv1d(2, 4, 6, 9, 3).padding(1).groups(2).build(),
          Convolution.conv2d(2, 3, 5, 6, 7, 3, 2).stride(2).build(),
          Convolution.conv2d(2, 3, 2, 6, 7, 3).padding(1).build(), // takes a normalisation
          CrossEntropy.of(2, 5, 3).build(),
          CrossEntropy.of(2, 5, 1).reduction(Reduction.NONE).build(),
          CrossEntropy.of(33, 5, 1).build(),
          Dropout.of(37, 0.5),
          Passes.fused(BatchNormalization.of(2, 3, 5)),
          Passes.fused(BatchNormalization.of(3, 5, 2).reluInput(true)),
          MatrixProduct.of(3, 17, 5).build(),
          MatrixProduct.of(3, 17, 5).transposeA(true).transposeB(true).build(),
          MaxPooling.maxPool1d(2, 3, 9, 3).build(),
          MaxPooling.maxPool2d(2, 3, 6, 7, 2).build(),
          MaxUnpooling.maxUnpool2d(1, 1, 1, 1, 2).build(),
          MaxUnpooling.maxUnpool1d(2, 3, 1, 2).build(),
          RegressionLoss.mseLoss(37).build(),
          RegressionLoss.smoothL1Loss(37, 1).reduction(Reduction.NONE).build(),
          SgdUpdate.sgd(37).build(),
          SgdUpdate.sgd(37).momentum(0.9).build(),
          Softmax.softmax(2, 5, 3),
          Softmax.logSoftmax(2, 17, 1),
          Softmax.softmax(40, 3, 1),
          Convolution.conv1d(2, 4, 6, 9, 3).build().packWeights(new float[72], new float[6]),
          TransposedConvolution.convTranspose1d(2, 4, 6, 9, 3).stride(2).build(),
          TransposedConvolution.convTranspose2d(2, 3, 5, 6, 7, 3, 2).build(),
          TransposedConvolution.convTranspose2d(2, 2, 2, 6, 17, 3).padding(1).build(),
          TransposedConvolution.convTranspose1d(2, 16, 16, 6, 3).build().unpooled(3),
          TransposedConvolution.convTranspose2d(2, 3, 5, 6, 7, 3, 2).build().unpooled(5));

  /** Pairs of arrays that may be one and the same, but not overlap in any other way. */
  private static final Set<String> IN_PLACE =
      Set.of(
          "Activation input output",
          "Activation grad_output grad_input",
          "BatchNormalization grad_output grad_input",
          "Dropout input output",
          "Dropout grad_output grad_input",
          "Softmax input output",
          "Softmax grad_output grad_input");

  @Test
  void everyPassIsHere() throws Exception {
    assertEquals(Set.of(), Passes.missingFrom(PLANS), "passes without a test");
  }

  @TestFactory
  Stream<DynamicContainer> everyPassChecksItsArrays() {
    List<DynamicContainer> plans = new ArrayList<>();
    for (Object plan : PLANS) {
      List<DynamicTest> passes = new ArrayList<>();
      for (Method method : Passes.of(plan)) {
        Pass pass = new Pass(plan, method);
        passes.add(dynamicTest(pass.toString(), pass::check));
      }
      String index = String.valueOf(plans.size());
      plans.add(dynamicContainer(plan.getClass().getSimpleName() + " " + index, passes));
    }
    return plans.stream();
  }

  /** A method of a plan, called with all arguments right but one. */
  private record Pass(Object plan, Method method, FusedNormalization normalization) {
    Pass(Object plan, Method method) {
      this(
          plan,
          method,
          Passes.takesNormalization(method) ? Passes.normalization(plan, method) : null);
    }

    @Override
    public String toString() {
      List<String> types = new ArrayList<>();
      for (Parameter parameter : method.getParameters()) {
        types.add(parameter.getType().getSimpleName() + " " + parameter.getName());
      }
      return method.getName() + types;
    }

    void check() throws Throwable {
      Parameter[] parameters = method.getParameters();
      List<Integer> arrays = new ArrayList<>();
      for (int i = 0; i < parameters.length; i++) {
        if (parameters[i].getType().isArray()) {
          arrays.add(i);
        }
      }
      assertFalse(arrays.isEmpty());
      int[] needed = new int[parameters.length];
      Arrays.fill(needed, PLENTY);
      Set<Integer> absent = new HashSet<>();
      for (int i : arrays) {
        // this plan may have no use for an argument, or insist on having none
        if (mustBeAbsent(i, absent) || shortest(i, absent) == 0) {
          absent.add(i);
        }
      }
      for (int i : arrays) {
        needed[i] = absent.contains(i) ? 0 : shortest(i, absent);
      }
      checkSizes(needed, absent);
      Set<Integer> written = written(needed, absent);
      for (int i : arrays) {
        if (!absent.contains(i)) {
          checkOffset(i, needed, absent);
          checkNull(i, needed, absent);
          for (int w : written) {
            if (i != w && parameters[i].getType() == parameters[w].getType()) {
              checkOverlap(i, w, needed, absent);
            }
          }
        }
      }
    }

    /** What the plan says of its sizes is what it needs. */
    private void checkSizes(int[] needed, Set<Integer> absent) throws Throwable {
      for (int i = 0; i < needed.length; i++) {
        if (!method.getParameterTypes()[i].isArray() || absent.contains(i)) {
          continue;
        }
        for (String size : List.of(name(i).replace("grad_", "") + "Size", "size")) {
          try {
            Object said = plan.getClass().getMethod(size).invoke(plan);
            assertEquals(said, needed[i], size + " and the length of " + name(i));
          } catch (NoSuchMethodException e) {
            // this plan has no such size
          }
        }
      }
    }

    /** A workspace that was reserved by what the plan says need not grow. */
    private void checkMemory(Object[] arguments) throws Throwable {
      long said = Passes.workspaceSize(plan, Parallelism.SEQUENTIAL);
      for (Object argument : arguments) {
        if (argument instanceof Workspace workspace) {
          assertTrue(workspace.size() <= said, () -> workspace.size() + " floats, said " + said);
        }
      }
    }

    private boolean mustBeAbsent(int i, Set<Integer> absent) throws Throwable {
      int[] plenty = new int[method.getParameterCount()];
      Arrays.fill(plenty, PLENTY);
      Object[] arguments = arguments(plenty, absent);
      try {
        call(arguments);
        return false;
      } catch (IllegalArgumentException e) {
        assertNames(i, e);
        return true;
      }
    }

    /** The least length that is accepted; all below must be refused by name. */
    private int shortest(int i, Set<Integer> absent) throws Throwable {
      int[] lengths = new int[method.getParameterCount()];
      Arrays.fill(lengths, PLENTY);
      int refused = -1;
      int accepted = PLENTY;
      while (accepted - refused > 1) {
        lengths[i] = (accepted + refused) / 2;
        Object[] arguments = arguments(lengths, absent);
        try {
          call(arguments);
          accepted = lengths[i];
        } catch (IllegalArgumentException e) {
          assertNames(i, e);
          refused = lengths[i];
        }
      }
      return accepted;
    }

    private void checkOffset(int i, int[] needed, Set<Integer> absent) {
      if (hasOffset(i)) {
        for (int offset : new int[] {-1, 1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
          Object[] arguments = arguments(needed, absent);
          arguments[i + 1] = offset;
          assertRefused(i, arguments, name(i) + " from offset " + offset);
        }
      }
    }

    /** An array may be optional; if it is not, its absence is refused by name. */
    private void checkNull(int i, int[] needed, Set<Integer> absent) throws Throwable {
      Object[] arguments = arguments(needed, absent);
      arguments[i] = null;
      try {
        call(arguments);
      } catch (IllegalArgumentException e) {
        assertNames(i, e);
      }
    }

    private void checkOverlap(int i, int w, int[] needed, Set<Integer> absent) throws Throwable {
      Object[] arguments = arguments(needed, absent);
      Object shared = array(i, needed[i] + needed[w]);
      arguments[i] = shared;
      arguments[w] = shared;
      String pair = plan.getClass().getSimpleName() + " " + name(i) + " " + name(w);
      if (IN_PLACE.contains(pair)) {
        Object[] apart = arguments(needed, absent);
        call(apart);
        call(arguments);
        float[] inPlace = Arrays.copyOf((float[]) shared, needed[w]);
        Compare.bits(pair + " in place", (float[]) apart[w], inPlace);
        checkThird(i, w, needed, absent);
      } else {
        assertRefused(i, arguments, pair + " are one array");
      }
      if (hasOffset(w) && needed[i] > 1) {
        arguments[w + 1] = needed[i] - 1;
        assertRefused(i, arguments, pair + " share an element");
        arguments[w + 1] = needed[i];
        call(arguments);
      }
    }

    /** That two may be one array does not mean that a third one may be it, too. */
    private void checkThird(int i, int w, int[] needed, Set<Integer> absent) {
      for (int third = 0; third < needed.length; third++) {
        boolean other = third != i && third != w && !absent.contains(third);
        if (other && method.getParameterTypes()[third] == float[].class) {
          Object[] arguments = arguments(needed, absent);
          int longest = Math.max(needed[third], Math.max(needed[i], needed[w]));
          arguments[i] = arguments[w] = arguments[third] = array(i, longest);
          assertRefused(third, arguments, name(i) + " and " + name(third) + " are one array");
        }
      }
    }

    private boolean hasOffset(int i) {
      Parameter[] parameters = method.getParameters();
      return i + 1 < parameters.length && parameters[i + 1].getName().endsWith("Offset");
    }

    private void assertRefused(int i, Object[] arguments, String what) {
      IllegalArgumentException e =
          assertThrowsExactly(IllegalArgumentException.class, () -> call(arguments), what);
      assertNames(i, e);
    }

    private void assertNames(int i, IllegalArgumentException e) {
      assertTrue(
          e.getMessage().matches("(?s).*\\b" + name(i) + "\\b.*"),
          () -> "does not name " + name(i) + ": " + e.getMessage());
    }

    /** PyTorch's name of a parameter: gradOutput is grad_output. */
    private String name(int i) {
      return method.getParameters()[i].getName().replaceAll("([A-Z])", "_$1").toLowerCase();
    }

    private Object array(int i, int length) {
      Class<?> element = method.getParameterTypes()[i].componentType();
      Object array = Array.newInstance(element, length);
      if (array instanceof float[] floats) {
        for (int k = 0; k < length; k++) {
          floats[k] = 0.3f + 0.07f * i + 0.001f * k; // no two arrays are alike
        }
      }
      return array;
    }

    private Object[] arguments(int[] lengths, Set<Integer> absent) {
      Object[] arguments = new Object[method.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        Class<?> type = method.getParameterTypes()[i];
        if (type.isArray()) {
          arguments[i] = absent.contains(i) ? null : array(i, lengths[i]);
        } else if (type == int.class) {
          arguments[i] = 0;
        } else if (type == long.class) {
          arguments[i] = 2L;
        } else if (type == double.class) {
          arguments[i] = 0.25;
        } else if (type == FusedNormalization.class) {
          arguments[i] = normalization;
        } else {
          arguments[i] = new Workspace();
        }
      }
      return arguments;
    }

    /** The arrays that a call changes; if there are none, it must change the plan's state. */
    private Set<Integer> written(int[] needed, Set<Integer> absent) throws Throwable {
      Object[] before = arguments(needed, absent);
      Object[] after = arguments(needed, absent);
      Passes.spoil(plan);
      double[][] state = Passes.state(plan);
      call(after);
      checkMemory(after);
      Set<Integer> written = new HashSet<>();
      for (int i = 0; i < after.length; i++) {
        boolean isArray = method.getParameterTypes()[i].isArray();
        if (isArray && !Arrays.deepEquals(new Object[] {before[i]}, new Object[] {after[i]})) {
          written.add(i);
        }
      }
      boolean leftState = !Arrays.deepEquals(state, Passes.state(plan));
      assertTrue(leftState || !written.isEmpty(), "nothing was written");
      return written;
    }

    private void call(Object[] arguments) throws Throwable {
      try {
        method.invoke(plan, arguments);
      } catch (InvocationTargetException e) {
        for (Object argument : arguments) {
          if (argument instanceof Workspace workspace) {
            assertDoesNotThrow(() -> workspace.reserve(0), "after a refusal");
          }
        }
        throw e.getCause();
      }
    }
  }
}
