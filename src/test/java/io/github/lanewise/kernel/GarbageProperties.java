package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Workspaces;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Throws random garbage at every public method and constructor of the package, found by reflection:
 * whatever the arguments, a call does its work or throws an IllegalArgumentException that says why,
 * and soon.
 */
class GarbageProperties {
  private static final Duration SOON = Duration.ofMinutes(1);

  private static final int[] INTS = {
    Integer.MIN_VALUE,
    -(1 << 30),
    -65536,
    -7,
    -1,
    0,
    0,
    6,
    33,
    100,
    1000,
    46341,
    65536,
    1 << 20,
    1 << 24,
    1 << 28,
    1 << 30,
    Integer.MAX_VALUE - 16,
    Integer.MAX_VALUE - 1,
    Integer.MAX_VALUE
  };

  private static final double[] DOUBLES = {
    Double.NaN,
    Double.NEGATIVE_INFINITY,
    -1,
    -1e-300,
    0,
    1e-8,
    0.1,
    0.5,
    0.9,
    1,
    2,
    1e300,
    Double.POSITIVE_INFINITY
  };

  /** What a workspace is asked for; the gigabytes that it would grant are not for a test. */
  private static final long[] FLOATS = {
    Long.MIN_VALUE, -1, 0, 1, 1000, 1 << 20, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE
  };

  /** Channels of a plan that may become a {@link FusedNormalization}, which has memory for each. */
  private static final int MOST_CHANNELS = 1 << 20;

  private static final String[] STRINGS = {"", "mean", "sum", "none", "MEAN", "\0"};

  private static final List<Class<?>> TYPES = publicTypes();

  /** Plans that random sizes seldom lead to: with vectors they take a normalisation. */
  private static final List<Object> RARE =
      List.of(
          Convolution.conv2d(2, 3, 2, 6, 7, 3).padding(1).build(),
          TransposedConvolution.convTranspose2d(2, 2, 2, 6, 17, 3).padding(1).build(),
          TransposedConvolution.convTranspose1d(2, 3, 16, 6, 3).build().unpooled(3));

  private static final Map<Class<?>, List<Executable>> ENTRIES = new HashMap<>();

  /** Entry points that returned at least once, and those that refused at least once. */
  private static final Set<Executable> RETURNED = new HashSet<>();

  private static final Set<Executable> REFUSED = new HashSet<>();

  @Property(tries = 250, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void garbageIsRefusedOrHarmless(@ForAll long seed) {
    Random seeds = new Random(seed);
    assertTimeoutPreemptively(
        SOON,
        () -> {
          for (int i = 0; i < 100; i++) {
            new Attempt(new Random(seeds.nextLong())).run();
          }
        });
  }

  /** A method that never returned, or a plan that refused nothing, would not have been tested. */
  @AfterContainer
  static void everyEntryPointWasReached() {
    Set<String> missing = new TreeSet<>();
    for (Class<?> type : TYPES) {
      for (Executable entry : entries(type)) {
        if (isOfVectors(entry) && Lanewise.vectorBits() == 0) {
          assertFalse(RETURNED.contains(entry), entry::toString);
          assertTrue(REFUSED.contains(entry), entry::toString);
        } else if (!RETURNED.contains(entry)) {
          missing.add(entry.toString());
        }
      }
    }
    assertEquals(Set.of(), missing, "entry points that never returned");
    assertFalse(REFUSED.isEmpty());
  }

  /** Whether it is a pass that no plan of the scalar backend runs. */
  private static boolean isOfVectors(Executable entry) {
    return entry instanceof Method method && Passes.takesNormalization(method);
  }

  /** The public classes of the package and their builders. */
  private static List<Class<?>> publicTypes() {
    try {
      File directory =
          new File(Lanewise.class.getResource("Lanewise.class").toURI()).getParentFile();
      List<Class<?>> types = new ArrayList<>();
      for (String file : directory.list()) {
        if (file.endsWith(".class") && !file.startsWith("package-info")) {
          String name = Lanewise.class.getPackageName() + "." + file.replace(".class", "");
          Class<?> type = Class.forName(name);
          boolean isPublic = Modifier.isPublic(type.getModifiers());
          if (isPublic && (type.getEnclosingClass() == null || !type.isEnum())) {
            types.add(type);
          }
        }
      }
      types.sort(Comparator.comparing(Class::getName));
      return types;
    } catch (URISyntaxException | ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Executable> entries(Class<?> type) {
    return ENTRIES.computeIfAbsent(type, GarbageProperties::publicEntries);
  }

  private static List<Executable> publicEntries(Class<?> type) {
    return Stream.<Executable>concat(
            Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredConstructors()))
        .filter(e -> Modifier.isPublic(e.getModifiers()) && !e.isSynthetic())
        .filter(e -> !type.isRecord() || e.getParameterCount() > 0)
        .filter(e -> !type.isEnum() || !e.getName().equals("valueOf")) // the compiler's
        .sorted(Comparator.comparing(Executable::toString))
        .toList();
  }

  private static boolean isStart(Executable entry) {
    return entry instanceof Constructor || Modifier.isStatic(entry.getModifiers());
  }

  private record Call(Executable entry, Object[] arguments) {
    /** Large arrays by their length. */
    @Override
    public String toString() {
      Stream<Object> shown =
          Arrays.stream(arguments)
              .map(a -> a instanceof float[] f ? "float[" + f.length + "]" : a)
              .map(a -> a instanceof int[] i && i.length > 20 ? "int[" + i.length + "]" : a);
      return entry + " with " + Arrays.deepToString(shown.toArray());
    }
  }

  /** A chain of calls on what the calls before returned, all of it drawn from one seed. */
  private static final class Attempt {
    private final Random random;

    /** How often an argument is garbage: never in some attempts, often in others. */
    private final double wildness;

    /** Arrays of this attempt, some of which are handed over twice. */
    private final List<float[]> arrays = new ArrayList<>();

    /** Of its sizes and other integers. */
    private int largest;

    /** What was called, for the message. */
    private final List<Call> calls = new ArrayList<>();

    Attempt(Random random) {
      this.random = random;
      wildness = random.nextInt(3) * 0.1;
    }

    void run() throws Throwable {
      Object target = random.nextInt(20) == 0 ? pick(RARE) : start();
      for (int i = 0; i < 6 && target != null && TYPES.contains(target.getClass()); i++) {
        Executable method = pick(entries(target.getClass()));
        Executable build = build(target.getClass());
        Executable onward = onward(target.getClass());
        if (onward != null && random.nextInt(3) == 0) {
          method = onward;
        }
        if (target instanceof BatchNormalization && largest > MOST_CHANNELS) {
          return; // gigabytes are not for a test
        }
        Object result = call(method, target);
        boolean goOn = result != null && TYPES.contains(result.getClass());
        target = goOn ? result : build == null ? target : null;
      }
    }

    private Object start() throws Throwable {
      Class<?> type = TYPES.get(random.nextInt(TYPES.size()));
      List<Executable> starts = entries(type).stream().filter(e -> isStart(e)).toList();
      // builders come from their plan's class
      return starts.isEmpty() ? null : call(pick(starts), null);
    }

    private static Executable build(Class<?> type) {
      return entries(type).stream().filter(m -> m.getName().equals("build")).findAny().orElse(null);
    }

    /** What leads from a builder to its plan, or from a plan to another one. */
    private static Executable onward(Class<?> type) {
      return entries(type).stream()
          .filter(e -> e instanceof Method m && !isStart(m) && m.getReturnType() != type)
          .filter(e -> TYPES.contains(((Method) e).getReturnType()))
          .findAny()
          .orElse(null);
    }

    private <T> T pick(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    /** The result, or null if the call was refused or returns nothing. */
    private Object call(Executable method, Object target) throws Throwable {
      Class<?>[] types = method.getParameterTypes();
      Object[] arguments = new Object[types.length];
      for (int i = 0; i < types.length; i++) {
        arguments[i] =
            types[i] == FusedNormalization.class
                ? normalization(target, (Method) method)
                : argument(types[i], target);
      }
      calls.add(new Call(method, arguments));
      try {
        Object result =
            method instanceof Constructor<?> constructor
                ? constructor.newInstance(arguments)
                : ((Method) method).invoke(target, arguments);
        RETURNED.add(method);
        return result;
      } catch (InvocationTargetException e) {
        Throwable thrown = e.getCause();
        boolean refused =
            thrown.getClass() == IllegalArgumentException.class
                && thrown.getMessage() != null
                && !thrown.getMessage().isBlank();
        if (!refused) {
          throw new AssertionError(calls + " on " + described(target), thrown);
        }
        REFUSED.add(method);
        return null;
      }
    }

    private static String described(Object target) {
      try {
        return target + " " + target.getClass().getMethod("describe").invoke(target);
      } catch (ReflectiveOperationException | NullPointerException e) {
        return String.valueOf(target);
      }
    }

    private Object argument(Class<?> type, Object target) {
      if (type == int.class) {
        return integer();
      } else if (type == long.class) {
        if (target instanceof Workspace) {
          return FLOATS[random.nextInt(FLOATS.length)];
        }
        return wild() ? (long) integer() << random.nextInt(33) : random.nextLong(1, 5);
      } else if (type == double.class) {
        return DOUBLES[random.nextInt(DOUBLES.length)];
      } else if (type == boolean.class) {
        return random.nextBoolean();
      } else if (type == Object.class) {
        return target; // equals
      } else if (!type.isArray() && wild()) {
        return null;
      } else if (type == String.class) {
        return STRINGS[random.nextInt(STRINGS.length)];
      } else if (type == float[].class) {
        return floats(target);
      } else if (type == int[].class) {
        return integers(target);
      } else if (type == Workspace.class) {
        return new Workspace(Workspaces.threads(1 + random.nextInt(2)));
      } else if (type == Parallelism.class) {
        return Workspaces.threads(1 + random.nextInt(3));
      } else if (type == Executor.class) {
        return (Executor) Runnable::run;
      } else if (type.isEnum()) {
        return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
      }
      throw new AssertionError("no argument of " + type + ": add one here");
    }

    /** One that the method takes, mostly. */
    private FusedNormalization normalization(Object target, Method method) {
      if (wild()) {
        return null;
      } else if (Passes.takesNormalization(target) && !wild()) {
        return normalization(Passes.normalizedShape(target, method));
      }
      return normalization(2, 1 + random.nextInt(6), 42);
    }

    private static FusedNormalization normalization(int... shape) {
      BatchNormalization plan = Passes.normalizationPlan(shape);
      long size = (long) shape[0] * shape[1] * shape[2];
      return plan.isFusable() && size < 1 << 20 ? Passes.used(plan, shape) : null;
    }

    private boolean wild() {
      return random.nextDouble() < wildness;
    }

    /** Sizes and arguments below 6, mostly; offsets take them, too. */
    private int integer() {
      int value = wild() ? INTS[random.nextInt(INTS.length)] : random.nextInt(1, 6);
      largest = Math.max(largest, value);
      return value;
    }

    /** Mostly long enough for any plan of small sizes. */
    private float[] floats(Object target) {
      if (wild()) {
        return random.nextBoolean() ? null : new float[random.nextInt(40)];
      }
      if (!arrays.isEmpty() && wild()) {
        return pick(arrays);
      }
      float[] array = new float[enough(target)];
      float garbage = random.nextBoolean() ? 0.5f : Float.NaN;
      Arrays.fill(array, garbage);
      arrays.add(array);
      return array;
    }

    /** A few values for the axes of a builder; indices for a plan. */
    private int[] integers(Object target) {
      boolean forAxes = target == null || build(target.getClass()) != null;
      int length = forAxes ? (wild() ? random.nextInt(5) : random.nextInt(1, 3)) : enough(target);
      if (wild() && random.nextBoolean()) {
        return null;
      }
      int[] array = new int[length];
      for (int i = 0; i < Math.min(length, 20); i++) {
        array[i] = forAxes ? integer() : wild() ? integer() : 0;
      }
      return array;
    }

    private int enough(Object target) {
      int most = 0;
      for (String size : List.of("inputSize", "valuesSize", "outputSize", "weightSize", "size")) {
        try {
          most = Math.max(most, (Integer) target.getClass().getMethod(size).invoke(target));
        } catch (ReflectiveOperationException | NullPointerException e) {
          // this plan has no such size
        }
      }
      return Math.min(most, 100_000) + 4_000;
    }
  }
}
