package io.github.lanewise.jmh.pytorch;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv1d;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.conv_transpose1d;
import static org.bytedeco.pytorch.global.torch.conv_transpose2d;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.max_pool1d_with_indices;
import static org.bytedeco.pytorch.global.torch.max_pool2d_with_indices;
import static org.bytedeco.pytorch.global.torch.max_unpool2d;
import static org.bytedeco.pytorch.global.torch.relu;

import io.github.lanewise.jmh.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** The four networks, built of PyTorch's functions. */
final class PyTorchNetworks {
  private final List<Tensor> parameters = new ArrayList<>();

  /** A network or a part of one. */
  interface Net {
    Tensor forward(Tensor x);
  }

  /** The parameters of the networks made so far. */
  List<Tensor> parameters() {
    return parameters;
  }

  /** A new network. */
  Net network(String model) {
    return switch (model) {
      case "pool" -> pool();
      case "conv" -> conv();
      case "dae" -> dae();
      case "ae1d" -> ae1d();
      default -> throw new IllegalArgumentException("model is \"" + model + "\"");
    };
  }

  private Net pool() {
    Net conv = conv2(1, 1, 3, 1, 0);
    Net deconv = convT2(1, 1, 3, 1, 0, 0);
    return x -> {
      T_TensorTensor_T q = pool2(conv.forward(x));
      return deconv.forward(max_unpool2d(q.get0(), q.get1(), 26, 26));
    };
  }

  private Net conv() {
    Net a = conv2(1, 1, 3, 1, 0);
    Net b = conv2(1, 1, 2, 2, 0);
    Net c = convT2(1, 1, 2, 2, 0, 0);
    Net d = convT2(1, 1, 3, 1, 0, 0);
    return x -> d.forward(c.forward(b.forward(a.forward(x))));
  }

  private Net dae() {
    Net conv = conv2(3, 16, 3, 1, 1);
    Net norm1 = batchNorm(16);
    Net deconv1 = convT2(16, 16, 3, 2, 1, 1);
    Net norm2 = batchNorm(16);
    Net deconv2 = convT2(16, 3, 3, 1, 1, 0);
    return x -> {
      T_TensorTensor_T q = pool2(norm1.forward(relu(conv.forward(x))));
      Tensor u = max_unpool2d(q.get0(), q.get1(), 32, 32);
      return relu(deconv2.forward(norm2.forward(relu(deconv1.forward(u)))));
    };
  }

  private Net ae1d() {
    Net conv1 = conv1(1, 32);
    Net norm1 = batchNorm(32);
    Net conv2 = conv1(32, 64);
    Net norm2 = batchNorm(64);
    Net dense1 = dense(5632, 1024);
    Net dense2 = dense(1024, 30);
    Net dense3 = dense(30, 1024);
    Net dense4 = dense(1024, 5632);
    Net norm3 = batchNorm(64);
    Net deconv1 = convT1(64, 32);
    Net norm4 = batchNorm(32);
    Net deconv2 = convT1(32, 1);
    return x -> {
      long n = x.size(0);
      T_TensorTensor_T q1 = pool1(relu(norm1.forward(conv1.forward(x.view(n, 1, -1)))));
      T_TensorTensor_T q2 = pool1(relu(norm2.forward(conv2.forward(q1.get0()))));
      Tensor code = dense2.forward(dense1.forward(q2.get0().view(n, -1)));
      Tensor y = dense4.forward(dense3.forward(code)).view(n, 64, 88);
      y = deconv1.forward(norm3.forward(relu(unpool1(y, q2.get1(), 262))));
      y = deconv2.forward(norm4.forward(relu(unpool1(y, q1.get1(), 784))));
      return y.view(n, 1, 28, 28);
    };
  }

  private Tensor parameter(long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (p, q) -> p * q);
    long fanIn = shape.length < 2 ? 100 : size / shape[0];
    float[] values = Sample.uniform(size, parameters.size());
    for (int i = 0; i < size; i++) {
      values[i] /= (float) Math.sqrt(Math.max(9, fanIn));
    }
    Tensor t = PyTorch.copy(values, shape);
    t.set_requires_grad(true);
    parameters.add(t);
    return t;
  }

  private static Tensor constant(float value, long n) {
    float[] values = new float[(int) n];
    Arrays.fill(values, value);
    return PyTorch.copy(values, n);
  }

  /** Batch normalisation in training mode with its own parameters and running statistics. */
  private Net batchNorm(long channels) {
    Tensor weight = parameter(channels);
    Tensor bias = parameter(channels);
    Tensor mean = constant(0, channels);
    Tensor variance = constant(1, channels);
    return x ->
        batch_norm(x, some(weight), some(bias), some(mean), some(variance), true, 0.1, 1e-5, true);
  }

  private Net conv2(long in, long out, long k, long s, long p) {
    Tensor w = parameter(out, in, k, k);
    Tensor b = parameter(out);
    return x -> conv2d(x, w, some(b), d(s, s), d(p, p), d(1, 1), 1);
  }

  private Net convT2(long in, long out, long k, long s, long p, long op) {
    Tensor w = parameter(in, out, k, k);
    Tensor b = parameter(out);
    return x -> conv_transpose2d(x, w, some(b), d(s, s), d(p, p), d(op, op), 1, 1, 1);
  }

  private Net conv1(long in, long out) {
    Tensor w = parameter(out, in, 25);
    Tensor b = parameter(out);
    return x -> conv1d(x, w, some(b), d(1), d(12), d(1), 1);
  }

  private Net convT1(long in, long out) {
    Tensor w = parameter(in, out, 25);
    Tensor b = parameter(out);
    return x -> conv_transpose1d(x, w, some(b), d(1), d(12), d(0), 1, 1);
  }

  private Net dense(long in, long out) {
    Tensor w = parameter(out, in);
    Tensor b = parameter(out);
    return x -> linear(x, w, some(b));
  }

  private static T_TensorTensor_T pool2(Tensor x) {
    return max_pool2d_with_indices(x, d(2, 2), d(2, 2), d(0, 0), d(1, 1), false);
  }

  private static T_TensorTensor_T pool1(Tensor x) {
    return max_pool1d_with_indices(x, d(3), d(3), d(1), d(1), false);
  }

  /** PyTorch's one-dimensional unpooling, which is this. */
  private static Tensor unpool1(Tensor x, Tensor indices, long length) {
    return max_unpool2d(x.unsqueeze(3), indices.unsqueeze(3), length, 1).squeeze(3);
  }

  private static long[] d(long... values) {
    return values;
  }

  private static TensorOptional some(Tensor t) {
    return new TensorOptional(t);
  }
}
