package io.github.lanewise.nn;

import io.github.lanewise.kernel.AdamUpdate;
import java.util.List;

/**
 * Adam (Kingma and Ba, arXiv 1412.6980), as {@code torch.optim.Adam}. The formula is in {@link
 * io.github.lanewise.kernel.AdamUpdate}.
 */
public final class Adam extends AdamOptimizer {
  /**
   * An optimiser with default arguments.
   *
   * @param parameters what it changes
   * @throws IllegalArgumentException if there are none
   */
  public Adam(List<Parameter> parameters) {
    this(of(parameters));
  }

  private Adam(AdamBuilder<Adam> arguments) {
    super(arguments);
  }

  /**
   * Begins an optimiser with further arguments.
   *
   * @param parameters what it changes
   * @return a builder
   */
  public static AdamBuilder<Adam> of(List<Parameter> parameters) {
    return new AdamBuilder<>(parameters, 0, AdamUpdate::adam, Adam::new);
  }
}
