package io.github.lanewise.jmh.pytorch;

import static org.bytedeco.pytorch.global.torch.get_num_threads;
import static org.bytedeco.pytorch.global.torch.set_num_threads;
import static org.bytedeco.pytorch.global.torch.show_config;

import io.github.lanewise.jmh.Arm;
import io.github.lanewise.jmh.ConvolutionArm;
import io.github.lanewise.jmh.ConvolutionData;
import io.github.lanewise.jmh.ConvolutionProblem;
import io.github.lanewise.jmh.MatrixShape;
import io.github.lanewise.jmh.Peer;
import io.github.lanewise.jmh.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** PyTorch on the CPU: oneDNN for convolutions, MKL for matrix products. */
public final class PyTorch implements Peer {
  /** For the service loader. */
  public PyTorch() {}

  @Override
  public String describe() {
    for (String option : List.of("MMAP_THRESHOLD_", "TRIM_THRESHOLD_", "TOP_PAD_")) {
      if (System.getenv("MALLOC_" + option) == null) {
        throw new IllegalStateException(
            "MALLOC_" + option + " is not set: jmh/pom.xml sets what PyTorch needs at its best");
      }
    }
    set_num_threads(1); // loads the libraries
    String version = show_config().getString().replaceFirst("(?s).*TORCH_VERSION=([^,]*).*", "$1");
    return "PyTorch " + version + " with oneDNN and " + blas();
  }

  /** JavaCPP falls back to OpenBLAS without a word; only Linux tells what was loaded. */
  private static String blas() {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.exists(maps)) {
      return "an unknown BLAS";
    }
    try {
      if (Files.readString(maps).contains("libmkl_core")) {
        return "MKL";
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell whether PyTorch has loaded MKL", e);
    }
    throw new IllegalStateException(
        "PyTorch has loaded another BLAS than MKL: start it with "
            + String.join(" ", Arm.PYTORCH.jvmArgs())
            + " and MKL's redist jar, see jmh/pom.xml");
  }

  @Override
  public void threads(int threads) {
    set_num_threads(threads);
    if (get_num_threads() != threads) {
      throw new IllegalStateException(
          "PyTorch uses " + get_num_threads() + " threads instead of " + threads);
    }
  }

  @Override
  public ConvolutionArm convolution(ConvolutionProblem problem, ConvolutionData data) {
    return new PyTorchConvolution(problem, data);
  }

  @Override
  public Task matrixProduct(MatrixShape shape, float[] a, float[] b, float[] c) {
    return new PyTorchMatrixProduct(shape, a, b, c);
  }

  @Override
  public Task trainingStep(String model, int batch) {
    return new PyTorchTrainingStep(model, batch);
  }

  /** A copy of an array in PyTorch's own memory. */
  static Tensor copy(float[] values, long... shape) {
    return Tensor.create(values, shape).clone();
  }

  /** Copies a result back. */
  static void fetch(Tensor from, float[] to) {
    from.contiguous().data_ptr_float().get(to);
  }
}
