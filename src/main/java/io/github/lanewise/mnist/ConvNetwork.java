package io.github.lanewise.mnist;

import io.github.lanewise.nn.Conv2d;
import io.github.lanewise.nn.ConvTranspose2d;
import io.github.lanewise.nn.Layer;
import io.github.lanewise.nn.Tensor;

/**
 * The pooling replaced by a convolution of stride two, which distorts less; 30 parameters. (N, 1,
 * 28, 28) stays (N, 1, 28, 28).
 */
final class ConvNetwork extends Layer {
  private final Conv2d conv1 = add("conv1", new Conv2d(1, 1, 3));
  private final Conv2d conv2 = add("conv2", Conv2d.of(1, 1, 2).stride(2).build());
  private final ConvTranspose2d deconv1 =
      add("deconv1", ConvTranspose2d.of(1, 1, 2).stride(2).build());
  private final ConvTranspose2d deconv2 = add("deconv2", new ConvTranspose2d(1, 1, 3));

  @Override
  public Tensor forward(Tensor input) {
    return deconv2.forward(deconv1.forward(conv2.forward(conv1.forward(input))));
  }

  @Override
  public Tensor backward(Tensor gradOutput) {
    return conv1.backward(conv2.backward(deconv1.backward(deconv2.backward(gradOutput))));
  }
}
