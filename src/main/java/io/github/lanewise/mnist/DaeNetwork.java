package io.github.lanewise.mnist;

import io.github.lanewise.nn.BatchNorm2d;
import io.github.lanewise.nn.Conv2d;
import io.github.lanewise.nn.ConvTranspose2d;
import io.github.lanewise.nn.Layer;
import io.github.lanewise.nn.MaxPool2d;
import io.github.lanewise.nn.MaxUnpool2d;
import io.github.lanewise.nn.ReLU;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.Tensor;

/** The encoder-decoder that doubles the size: (N, 3, 32, 32) becomes (N, 3, 64, 64). */
final class DaeNetwork extends Layer {
  private final Sequential encode =
      add(
          "encode",
          new Sequential(
              Conv2d.of(3, 16, 3).padding(1).build(), new ReLU(true), new BatchNorm2d(16)));
  private final MaxPool2d pool = add("pool", new MaxPool2d(2));
  private final MaxUnpool2d unpool = add("unpool", new MaxUnpool2d(2));
  private final Sequential decode =
      add(
          "decode",
          new Sequential(
              ConvTranspose2d.of(16, 16, 3).stride(2).padding(1).outputPadding(1).build(),
              new ReLU(true),
              new BatchNorm2d(16),
              ConvTranspose2d.of(16, 3, 3).padding(1).build(),
              new ReLU(true)));

  @Override
  public Tensor forward(Tensor input) {
    Tensor x = pool.forward(encode.forward(input));
    return decode.forward(unpool.forward(x, pool.indices()));
  }

  @Override
  public Tensor backward(Tensor gradOutput) {
    Tensor g = unpool.backward(decode.backward(gradOutput));
    return encode.backward(pool.backward(g));
  }
}
