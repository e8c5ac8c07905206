package io.github.lanewise.nn;

import io.github.lanewise.kernel.AdamUpdate;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), as {@code
 * torch.optim.AdamW}. The formula is in {@link io.github.lanewise.kernel.AdamUpdate}.
 */
public final class AdamW extends AdamOptimizer {
  /**
   * An optimiser with default arguments.
   *
   * @param parameters what it changes
   * @throws IllegalArgumentException if there are none
   */
  public AdamW(List<Parameter> parameters) {
    this(of(parameters));
  }

  private AdamW(AdamBuilder<AdamW> arguments) {
    super(arguments);
  }

  /**
   * Begins an optimiser with further arguments.
   *
   * @param parameters what it changes
   * @return a builder
   */
  public static AdamBuilder<AdamW> of(List<Parameter> parameters) {
    return new AdamBuilder<>(parameters, 1e-2, AdamUpdate::adamw, AdamW::new);
  }
}
