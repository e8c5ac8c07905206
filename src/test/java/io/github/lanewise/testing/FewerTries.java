package io.github.lanewise.testing;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * Where {@code lanewise.tries} is set, no property draws more samples than that, all draw the same
 * ones in every run, and none looks for a smaller sample after a failure. Mutation tests run the
 * properties thousands of times and ask only whether they fail. Found by its name in
 * META-INF/services.
 */
public final class FewerTries implements AroundPropertyHook {
  private final int most = Integer.getInteger("lanewise.tries", 0);

  @Override
  public PropagationMode propagateTo() {
    return PropagationMode.ALL_DESCENDANTS;
  }

  @Override
  public boolean appliesTo(Optional<AnnotatedElement> element) {
    return most > 0;
  }

  @Override
  public PropertyExecutionResult aroundProperty(
      PropertyLifecycleContext context, PropertyExecutor property) {
    context.attributes().setTries(Math.min(most, context.attributes().tries().orElse(most)));
    context.attributes().setShrinking(ShrinkingMode.OFF);
    context.attributes().setSeed("1");
    return property.execute();
  }
}
