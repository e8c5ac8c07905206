package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertThrowsExactly;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What the beginning of every plan promises of its sizes, tried on each size in turn: a negative
 * one is refused with its value, and so are sizes whose product no array has. The factories are
 * found by reflection.
 */
class SizeContractTest {
  @TestFactory
  Stream<DynamicTest> negativeSizesAreRefused() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Method factory : factories()) {
      for (int i = 0; i < factory.getParameterCount(); i++) {
        if (isSize(factory, i)) {
          for (int size : new int[] {-1, -7, Integer.MIN_VALUE}) {
            int position = i;
            String name = factory.getParameters()[i].getName() + " = " + size;
            tests.add(
                dynamicTest(
                    text(factory) + " with " + name,
                    () ->
                        assertRefused(
                            " " + size + "\\b", factory, arguments(factory, 3, position, size))));
          }
        }
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> overflowingProductsAreRefused() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Method factory : factories()) {
      for (int size : new int[] {46_341, 65_536, 1 << 22, 1 << 30, Integer.MAX_VALUE}) {
        long sizes = Arrays.stream(factory.getParameterTypes()).filter(t -> t == int.class).count();
        if (sizes > 1) { // the second power of the smallest is above 2^31, one alone may be legal
          tests.add(
              dynamicTest(
                  text(factory) + " of " + size,
                  () ->
                      assertRefused(
                          "must be (between|at most)|more elements than",
                          factory,
                          arguments(factory, size, -1, 0))));
        }
      }
    }
    return tests.stream();
  }

  /** Their arrays are legal; what a weight gradient with vectors would pack of them is not. */
  @Test
  void sizesThatNoArrayHoldsPackedArePlanned() {
    Convolution.conv2d(100, 1 << 20, 2, 5, 1, 1).stride(3, 1).padding(3).build();
    Convolution.conv2d(1000, 1 << 16, 3, 3, 2, 3).padding(4).dilation(5, 3).build();
    Convolution.conv1d(400, 1 << 16, 1 << 16, 1, 3)
        .padding(50)
        .dilation(50)
        .groups(1 << 16)
        .build();
    TransposedConvolution.convTranspose1d(5, 1 << 26, 1 << 26, 1, 5).groups(1 << 26).build();
    TransposedConvolution.convTranspose1d(3, 1 << 25, 1 << 25, 1, 3).groups(1 << 25).build();
    TransposedConvolution.convTranspose2d(2, 4, 1 << 24, 2, 3, 4, 1).groups(4).build();
  }

  private static List<Method> factories() throws Exception {
    List<Method> factories = new ArrayList<>();
    File classes = new File(Lanewise.class.getResource("Lanewise.class").toURI()).getParentFile();
    for (String file : classes.list((directory, name) -> name.endsWith(".class"))) {
      Class<?> type =
          Class.forName(Lanewise.class.getPackageName() + "." + file.replace(".class", ""));
      for (Method method : type.getDeclaredMethods()) {
        boolean isFactory =
            Modifier.isPublic(type.getModifiers() & method.getModifiers())
                && Modifier.isStatic(method.getModifiers())
                && Arrays.asList(method.getParameterTypes()).contains(int.class)
                && type != Parallelism.class;
        if (isFactory) {
          factories.add(method);
        }
      }
    }
    assertTrue(factories.size() > 20, factories::toString);
    return factories;
  }

  private static String text(Method factory) {
    return factory.getDeclaringClass().getSimpleName() + "." + factory.getName();
  }

  private static boolean isSize(Method factory, int i) {
    Class<?> type = factory.getParameterTypes()[i];
    return type == int.class || type == int[].class;
  }

  /** All sizes are {@code size}, but the one at {@code position} is {@code other}. */
  private static Object[] arguments(Method factory, int size, int position, int other) {
    Object[] arguments = new Object[factory.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      int value = i == position ? other : size;
      Class<?> type = factory.getParameterTypes()[i];
      if (type == int.class) {
        arguments[i] = value;
      } else if (type == int[].class) {
        arguments[i] = new int[] {value};
      } else {
        arguments[i] = 0.5;
      }
    }
    return arguments;
  }

  private static void assertRefused(String says, Method factory, Object[] arguments) {
    IllegalArgumentException e =
        assertThrowsExactly(
            IllegalArgumentException.class,
            () -> {
              Object plan = invoke(factory, null, arguments);
              Method build =
                  Arrays.stream(plan.getClass().getMethods())
                      .filter(m -> m.getName().equals("build"))
                      .findAny()
                      .orElse(null);
              if (build != null) {
                invoke(build, plan);
              }
            });
    assertTrue(Pattern.compile(says).matcher(e.getMessage()).find(), e.getMessage());
  }

  private static Object invoke(Method method, Object target, Object... arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
