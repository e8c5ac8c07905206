package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.kernel.Workspace;
import java.util.List;

/**
 * Changes parameters by their gradients, as {@code torch.optim.Optimizer}. A parameter without a
 * gradient stays as it is.
 */
public abstract class Optimizer {
  private final List<Parameter> parameters;
  private Workspace workspace = new Workspace();

  Optimizer(List<Parameter> parameters) {
    if (Checks.present("parameters", parameters).isEmpty()) {
      throw new IllegalArgumentException("parameters: the list is empty");
    }
    for (Parameter parameter : parameters) {
      Checks.present("an element of parameters", parameter);
    }
    this.parameters = List.copyOf(parameters);
  }

  /**
   * Lends scratch memory and threads. Without this, a step is made in the calling thread.
   *
   * @param workspace what to use from now on; {@code null}: a new one of its own, without threads
   */
  public final void workspace(Workspace workspace) {
    this.workspace = workspace == null ? new Workspace() : workspace;
  }

  /** Forgets the gradients of all parameters. */
  public final void zeroGrad() {
    for (int i = 0; i < parameters.size(); i++) {
      parameters.get(i).zeroGrad();
    }
  }

  /** Changes every parameter that has a gradient. */
  public final void step() {
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      if (parameter.grad() != null) {
        update(i, parameter.data().data(), parameter.grad().data(), workspace);
      }
    }
  }

  /**
   * Changes the learning rate; what the optimiser remembers of the steps so far stays.
   *
   * @param lr at least 0
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public abstract void lr(double lr);

  /** Changes parameter {@code index} of the list by its gradient. */
  abstract void update(int index, float[] data, float[] grad, Workspace workspace);
}
