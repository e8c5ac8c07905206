package io.github.lanewise.mnist;

import io.github.lanewise.jmh.Sample;
import io.github.lanewise.jmh.Task;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.nn.Adam;
import io.github.lanewise.nn.Layer;
import io.github.lanewise.nn.MSELoss;
import io.github.lanewise.nn.Parameter;
import io.github.lanewise.nn.Tensor;
import java.util.List;

/**
 * A step of the trainer on random images: forward pass, loss, backward pass, Adam. It is in the
 * trainer's package because the networks are, so that no copy of them is measured.
 */
public final class NetworkStep implements Task {
  private final String model;
  private final Layer network;
  private final List<Parameter> parameters;
  private final Adam adam;
  private final MSELoss loss = new MSELoss();
  private final Tensor input;
  private final Tensor target;
  private Workspace workspace;

  /** A step of the model of that name with batches of that size. */
  public NetworkStep(String model, int batch) {
    this.model = model;
    Model m = Model.of(model);
    network = m.network();
    network.initialize(0);
    network.inputGradient(false);
    parameters = network.parameters();
    adam = Adam.of(parameters).lr(1e-3).build();
    int in = m.channels() * m.inputSide() * m.inputSide();
    int[] shape =
        m == Model.AE1D
            ? new int[] {batch, 1, in}
            : new int[] {batch, m.channels(), m.inputSide(), m.inputSide()};
    input = Tensor.of(images(batch * in, 1), shape);
    target =
        m == Model.DAE
            ? Tensor.of(
                images(batch * m.channels() * m.outputSide() * m.outputSide(), 2),
                batch,
                m.channels(),
                m.outputSide(),
                m.outputSide())
            : input;
  }

  private static float[] images(int size, long seed) {
    float[] pixels = Sample.uniform(size, seed);
    for (int i = 0; i < size; i++) {
      pixels[i] = (pixels[i] + 1) / 2;
    }
    return pixels;
  }

  @Override
  public void run(Workspace workspace) {
    if (this.workspace != workspace) {
      network.workspace(workspace);
      loss.workspace(workspace);
      adam.workspace(workspace);
      this.workspace = workspace;
    }
    adam.zeroGrad();
    loss.forward(network.forward(input), target);
    network.backward(loss.backward());
    adam.step();
  }

  /**
   * Compares the gradient with a central difference of the loss along it: moving the parameters by
   * ±ε · gradient must change the loss by 2ε · |gradient|².
   */
  @Override
  public void verify(Workspace workspace) {
    run(workspace);
    adam.zeroGrad();
    double value = loss.forward(network.forward(input), target);
    network.backward(loss.backward());
    double squares = 0;
    for (Parameter p : parameters) {
      for (float g : p.grad().data()) {
        squares += (double) g * g;
      }
    }
    double step = 0.01 * value / squares;
    move(step);
    double above = loss.forward(network.forward(input), target);
    move(-2 * step);
    double below = loss.forward(network.forward(input), target);
    move(step);
    double measured = (above - below) / (2 * step);
    // also false for NaN
    if (!(Math.abs(measured - squares) <= 0.05 * squares)) {
      throw new AssertionError(
          model
              + ": the loss changes by "
              + measured
              + " along the gradient, but should by its square, "
              + squares);
    }
  }

  private void move(double step) {
    for (Parameter p : parameters) {
      float[] data = p.data().data();
      float[] grad = p.grad().data();
      for (int i = 0; i < data.length; i++) {
        data[i] += (float) (step * grad[i]);
      }
    }
  }

  @Override
  public double flops() {
    return 0;
  }

  @Override
  public double bytes() {
    return 0;
  }
}
