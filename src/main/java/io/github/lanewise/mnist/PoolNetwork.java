package io.github.lanewise.mnist;

import io.github.lanewise.nn.Conv2d;
import io.github.lanewise.nn.ConvTranspose2d;
import io.github.lanewise.nn.Layer;
import io.github.lanewise.nn.MaxPool2d;
import io.github.lanewise.nn.MaxUnpool2d;
import io.github.lanewise.nn.Tensor;

/**
 * Convolution, max pooling, unpooling with the same indices, transposed convolution; 20 parameters.
 * (N, 1, 28, 28) stays (N, 1, 28, 28).
 */
final class PoolNetwork extends Layer {
  private final Conv2d conv1 = add("conv1", new Conv2d(1, 1, 3));
  private final MaxPool2d pool = add("pool", new MaxPool2d(2));
  private final MaxUnpool2d unpool = add("unpool", new MaxUnpool2d(2));
  private final ConvTranspose2d deconv1 = add("deconv1", new ConvTranspose2d(1, 1, 3));

  @Override
  public Tensor forward(Tensor input) {
    Tensor x = pool.forward(conv1.forward(input));
    return deconv1.forward(unpool.forward(x, pool.indices()));
  }

  @Override
  public Tensor backward(Tensor gradOutput) {
    Tensor g = unpool.backward(deconv1.backward(gradOutput));
    return conv1.backward(pool.backward(g));
  }
}
