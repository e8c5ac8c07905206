package io.github.lanewise.jmh.pytorch;

import static org.bytedeco.pytorch.global.torch.mse_loss;

import io.github.lanewise.jmh.Sample;
import io.github.lanewise.jmh.Task;
import io.github.lanewise.kernel.Workspace;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** A training step of one of the four networks in PyTorch: forward, MSE, backward, Adam. */
final class PyTorchTrainingStep implements Task {
  private final PyTorchNetworks.Net network;
  private final Tensor input;
  private final Tensor target;
  private final Adam adam;

  PyTorchTrainingStep(String model, int batch) {
    PyTorchNetworks networks = new PyTorchNetworks();
    network = networks.network(model);
    boolean dae = model.equals("dae");
    input = dae ? images(1, batch, 3, 32, 32) : images(1, batch, 1, 28, 28);
    target = dae ? images(2, batch, 3, 64, 64) : input;
    adam =
        new Adam(
            new TensorVector(networks.parameters().toArray(new Tensor[0])), new AdamOptions(1e-3));
  }

  private static Tensor images(long seed, long... shape) {
    long size = 1;
    for (long s : shape) {
      size *= s;
    }
    float[] pixels = Sample.uniform((int) size, seed);
    for (int i = 0; i < size; i++) {
      pixels[i] = (pixels[i] + 1) / 2;
    }
    return PyTorch.copy(pixels, shape);
  }

  @Override
  public void run(Workspace workspace) {
    try (PointerScope scope = new PointerScope()) {
      Tensor value = mse_loss(network.forward(input), target);
      adam.zero_grad();
      value.backward();
      adam.step();
    }
  }

  /** Looks at the loss only: this build of PyTorch was seen to give NaN at times. */
  @Override
  public void verify(Workspace workspace) {
    run(workspace);
    try (PointerScope scope = new PointerScope()) {
      float loss = mse_loss(network.forward(input), target).item_float();
      System.out.println("# PyTorch's loss: " + loss);
      if (!Float.isFinite(loss)) {
        throw new AssertionError("loss is " + loss);
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
