package io.github.lanewise.mnist;

import io.github.lanewise.testing.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How PyTorch trained one of the networks, step by step, from initial values that a formula gives.
 *
 * @param loss of each step, before its update
 */
record Trajectory(
    Model model, long seed, double[] loss, List<State> parameters, List<State> runningStatistics) {

  /** What the file tells of one parameter or buffer. */
  record State(Map<String, Object> json) {
    String name() {
      return (String) json.get("name");
    }

    int[] shape() {
      return ((List<?>) json.get("shape"))
          .stream().mapToInt(size -> ((Double) size).intValue()).toArray();
    }

    /** Whether it starts from random values, all others are constant. */
    boolean isRandom() {
      return json.get("fan_in") != null;
    }

    double number(String key) {
      return (Double) json.get(key);
    }

    double[] numbers(String key) {
      return doubles(json.get(key));
    }
  }

  /** How far a float32 implementation may be from the file; relative unless it says absolute. */
  record Tolerance(
      int earlySteps, double early, double all, int spikes, double spike, double parameters) {}

  @SuppressWarnings("unchecked") // the file's structure is fixed
  static Trajectory read(Path file) throws IOException {
    Map<String, Object> json = (Map<String, Object>) JsonText.read(file);
    return new Trajectory(
        Model.of((String) json.get("model")),
        ((Double) json.get("seed")).longValue(),
        doubles(json.get("loss")),
        states(json.get("params")),
        states(json.get("bn_running")));
  }

  @SuppressWarnings("unchecked")
  private static List<State> states(Object list) {
    return ((List<Map<String, Object>>) list).stream().map(State::new).toList();
  }

  private static double[] doubles(Object list) {
    return ((List<?>) list).stream().mapToDouble(value -> (Double) value).toArray();
  }

  /**
   * The tolerances that come with the files: several times what two builds of PyTorch differ by. In
   * {@code pool} a near-tie of the maxima may flip in a few single steps.
   */
  Tolerance tolerance() {
    return switch (model) {
      case POOL -> new Tolerance(10, 2e-6, 2e-5, 4, 2e-3, 2e-5);
      case CONV -> new Tolerance(10, 2e-6, 2e-5, 0, 0, 1e-5);
      case DAE -> new Tolerance(3, 2e-6, 5e-4, 0, 0, 5e-4);
      case AE1D -> new Tolerance(1, 1e-6, 5e-2, 0, 0, 1e-2);
    };
  }

  /**
   * Whether a parameter's gradient is nothing but rounding: a bias before a batch normalisation
   * shifts what that subtracts again.
   */
  boolean isNoise(int parameter) {
    String name = parameters.get(parameter).name();
    return model == Model.AE1D && (name.equals("e1.0.bias") || name.equals("e2.0.bias"));
  }

  /** The initial value of element {@code i} of parameter {@code j}, by the files' formula. */
  float initial(int j, int i, double bound) {
    long x = (seed << 48) + ((long) j << 32) + i;
    long z = x + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z = z ^ (z >>> 31);
    double u = (z >>> 40) * 0x1p-24;
    return (float) ((2 * u - 1) * bound);
  }
}
