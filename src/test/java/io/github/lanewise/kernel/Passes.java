package io.github.lanewise.kernel;

import io.github.lanewise.testing.Data;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The passes of plans, their public methods with a workspace, found by reflection. */
final class Passes {
  private static final Pattern SHAPE = Pattern.compile("must be of \\[(\\d+), (\\d+), (\\d+)]");

  /** A normalisation does not say what workspace it needs; the plan that made it does. */
  private static final Map<FusedNormalization, BatchNormalization> MAKERS = new IdentityHashMap<>();

  private Passes() {}

  /** The passes of a plan, in the same order in every JVM. */
  static List<Method> of(Object plan) {
    return Arrays.stream(plan.getClass().getMethods())
        .filter(Passes::isPass)
        .filter(method -> hasAllArguments(plan, method))
        .filter(method -> !takesNormalization(method) || takesNormalization(plan))
        .sorted(Comparator.comparing(Method::toString))
        .toList();
  }

  /** The passes of the kernel package's classes that no plan runs, of those that this mode has. */
  static Set<String> missingFrom(Collection<?> plans) throws Exception {
    Set<String> missing = new TreeSet<>();
    File classes = new File(Lanewise.class.getResource("Lanewise.class").toURI()).getParentFile();
    for (String file : classes.list((directory, name) -> name.endsWith(".class"))) {
      Class<?> type =
          Class.forName(Lanewise.class.getPackageName() + "." + file.replace(".class", ""));
      if (Modifier.isPublic(type.getModifiers())) {
        Arrays.stream(type.getMethods())
            .filter(Passes::isPass)
            .filter(method -> !takesNormalization(method) || Lanewise.vectorBits() > 0)
            .map(Method::toString)
            .forEach(missing::add);
      }
    }
    plans.forEach(plan -> of(plan).forEach(method -> missing.remove(method.toString())));
    return missing;
  }

  /**
   * A plan of batch normalisation that needs its output refuses the methods that do not take it.
   */
  private static boolean hasAllArguments(Object plan, Method method) {
    boolean takesOutput =
        Arrays.stream(method.getParameters()).anyMatch(p -> p.getName().equals("output"));
    return !(plan instanceof BatchNormalization normalization)
        || takesOutput
        || !normalization.needsOutput();
  }

  private static boolean isPass(Method method) {
    return Modifier.isPublic(method.getModifiers())
        && Arrays.asList(method.getParameterTypes()).contains(Workspace.class);
  }

  /** Whether it is one that plans refuse unless their own method of this name says true. */
  static boolean takesNormalization(Method method) {
    return Arrays.asList(method.getParameterTypes()).contains(FusedNormalization.class);
  }

  /** Whether a plan runs its passes with a normalisation. */
  static boolean takesNormalization(Object plan) {
    try {
      return (boolean) plan.getClass().getMethod("takesNormalization").invoke(plan);
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** A normalisation without arrays for its elements, which is a plan with passes, too. */
  static FusedNormalization fused(BatchNormalization.Builder builder) {
    BatchNormalization plan = builder.build();
    FusedNormalization fused = plan.fused();
    MAKERS.put(fused, plan);
    return fused;
  }

  /** The normalisation that a pass of a plan takes, after both of its own passes. */
  static FusedNormalization normalization(Object plan, Method method) {
    int[] shape = normalizedShape(plan, method);
    return used(normalizationPlan(shape), shape);
  }

  /** One that has coefficients for all that read them. */
  static FusedNormalization used(BatchNormalization plan, int... shape) {
    FusedNormalization normalization = plan.fused();
    Random random = new Random(3);
    float[] input = Data.normals(shape[0] * shape[1] * shape[2], random);
    float[] gradient = Data.normals(input.length, random);
    float[] weight = Data.normals(shape[1], random);
    float[] mean = new float[shape[1]];
    float[] invStd = new float[shape[1]];
    Workspace w = new Workspace();
    normalization.forwardTraining(input, weight, null, mean, invStd, null, null, 0, w);
    normalization.backwardTraining(input, gradient, weight, mean, invStd, null, null, w);
    return normalization;
  }

  static BatchNormalization normalizationPlan(int... shape) {
    return BatchNormalization.of(shape[0], shape[1], shape[2]).reluInput(true).build();
  }

  /** (batch, channels, plane) of what a pass normalises, which only its refusals tell. */
  static int[] normalizedShape(Object plan, Method method) {
    Object[] arguments = new Object[method.getParameterCount()];
    int at = Arrays.asList(method.getParameterTypes()).indexOf(FusedNormalization.class);
    arguments[at] = BatchNormalization.of(1, 1, 1_000_003).build().fused();
    try {
      method.invoke(plan, arguments);
    } catch (InvocationTargetException e) {
      Matcher shape = SHAPE.matcher(String.valueOf(e.getCause().getMessage()));
      if (shape.find()) {
        return new int[] {
          Integer.parseInt(shape.group(1)),
          Integer.parseInt(shape.group(2)),
          Integer.parseInt(shape.group(3))
        };
      }
      throw new AssertionError("does not tell the shape", e.getCause());
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError(method + " took a normalisation of another shape");
  }

  /** Floats of workspace that the passes of a plan need. */
  static long workspaceSize(Object plan, Parallelism threads) throws ReflectiveOperationException {
    Object sized = plan instanceof FusedNormalization ? MAKERS.get(plan) : plan;
    Method need = sized.getClass().getMethod("workspaceSize", Parallelism.class);
    return (Long) need.invoke(sized, threads);
  }

  /** Spoils what earlier passes left in a plan, if it has a state. */
  static void spoil(Object plan) {
    if (plan instanceof FusedNormalization normalization) {
      Arrays.fill(normalization.output.coefficients(), Double.NaN);
      Arrays.fill(normalization.gradient.coefficients(), Double.NaN);
    }
  }

  /** A copy of the state that passes leave in a plan, or {@code null}. */
  static double[][] state(Object plan) {
    return plan instanceof FusedNormalization normalization
        ? new double[][] {
          normalization.output.coefficients().clone(), normalization.gradient.coefficients().clone()
        }
        : null;
  }
}
