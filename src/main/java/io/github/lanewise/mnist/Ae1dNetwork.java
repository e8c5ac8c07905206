package io.github.lanewise.mnist;

import io.github.lanewise.nn.BatchNorm1d;
import io.github.lanewise.nn.Conv1d;
import io.github.lanewise.nn.ConvTranspose1d;
import io.github.lanewise.nn.Flatten;
import io.github.lanewise.nn.Layer;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.MaxPool1d;
import io.github.lanewise.nn.MaxUnpool1d;
import io.github.lanewise.nn.ReLU;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.Tensor;
import io.github.lanewise.nn.View;

/**
 * The one-dimensional autoencoder with a code of 30 numbers and 11.7 million parameters: two
 * convolutions with pooling, four linear layers, two transposed convolutions with unpooling. (N, 1,
 * 784) stays (N, 1, 784).
 *
 * <p>The parts are added in the order of the reference, in which parameters are numbered and saved;
 * the code is decoded by {@code decode3} first.
 */
final class Ae1dNetwork extends Layer {
  private final Sequential encode1 = add("encode1", encoder(1, 32));
  private final Sequential encode2 = add("encode2", encoder(32, 64));
  private final Sequential encode3 =
      add("encode3", new Sequential(new Linear(5632, 1024), new Linear(1024, 30)));
  private final Sequential decode1 = add("decode1", decoder(64, 32));
  private final Sequential decode2 = add("decode2", decoder(32, 1));
  private final Sequential decode3 =
      add("decode3", new Sequential(new Linear(30, 1024), new Linear(1024, 5632)));
  private final MaxPool1d pool1 = add("pool1", MaxPool1d.of(3).padding(1).build());
  private final MaxPool1d pool2 = add("pool2", MaxPool1d.of(3).padding(1).build());
  private final MaxUnpool1d unpool1 = add("unpool1", MaxUnpool1d.of(3).padding(1).build());
  private final MaxUnpool1d unpool2 = add("unpool2", MaxUnpool1d.of(3).padding(1).build());
  private final Flatten flatten = add("flatten", new Flatten());
  private final View view = add("view", new View(64, 88));

  private static Sequential encoder(int in, int out) {
    return new Sequential(
        Conv1d.of(in, out, 25).padding(12).build(), new BatchNorm1d(out), new ReLU(true));
  }

  private static Sequential decoder(int in, int out) {
    return new Sequential(
        new ReLU(true), new BatchNorm1d(in), ConvTranspose1d.of(in, out, 25).padding(12).build());
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor x = pool1.forward(encode1.forward(input));
    x = pool2.forward(encode2.forward(x));
    Tensor code = encode3.forward(flatten.forward(x));
    x = view.forward(decode3.forward(code));
    x = decode1.forward(unpool1.forward(x, pool2.indices()));
    return decode2.forward(unpool2.forward(x, pool1.indices()));
  }

  @Override
  public Tensor backward(Tensor gradOutput) {
    Tensor g = unpool2.backward(decode2.backward(gradOutput));
    g = unpool1.backward(decode1.backward(g));
    g = encode3.backward(decode3.backward(view.backward(g)));
    g = pool2.backward(flatten.backward(g));
    return encode1.backward(pool1.backward(encode2.backward(g)));
  }
}
