package io.github.lanewise.kernel;

import java.io.File;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The passes of plans, their public methods with a workspace, found by reflection. */
final class Passes {
  private Passes() {}

  /** The passes of a plan, in the same order in every JVM. */
  static List<Method> of(Object plan) {
    return Arrays.stream(plan.getClass().getMethods())
        .filter(Passes::isPass)
        .filter(method -> hasAllArguments(plan, method))
        .sorted(Comparator.comparing(Method::toString))
        .toList();
  }

  /** The names of the kernel package's classes with passes of which there is no plan. */
  static Set<String> plansMissingFrom(Collection<?> plans) throws Exception {
    Set<String> missing = new TreeSet<>();
    File classes = new File(Lanewise.class.getResource("Lanewise.class").toURI()).getParentFile();
    for (String file : classes.list((directory, name) -> name.endsWith(".class"))) {
      Class<?> type =
          Class.forName(Lanewise.class.getPackageName() + "." + file.replace(".class", ""));
      boolean isPlan =
          Modifier.isPublic(type.getModifiers())
              && Arrays.stream(type.getMethods()).anyMatch(Passes::isPass);
      if (isPlan && plans.stream().noneMatch(type::isInstance)) {
        missing.add(type.getName());
      }
    }
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
}
