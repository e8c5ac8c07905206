package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.AdaptivePoolingBenchmark;
import io.github.lanewise.jmh.Arm;
import io.github.lanewise.jmh.BatchNormalizationBenchmark;
import io.github.lanewise.jmh.ConvolutionBenchmark;
import io.github.lanewise.jmh.ConvolutionProblem;
import io.github.lanewise.jmh.ElementwiseBenchmark;
import io.github.lanewise.jmh.FusedNormalizationBenchmark;
import io.github.lanewise.jmh.LimitBenchmark;
import io.github.lanewise.jmh.LossBenchmark;
import io.github.lanewise.jmh.MatrixProductBenchmark;
import io.github.lanewise.jmh.MatrixShape;
import io.github.lanewise.jmh.OptimizerBenchmark;
import io.github.lanewise.jmh.PackedWeightsBenchmark;
import io.github.lanewise.jmh.PoolingBenchmark;
import io.github.lanewise.jmh.TrainingStepBenchmark;
import io.github.lanewise.jmh.UnpooledConvolutionBenchmark;
import io.github.lanewise.jmh.run.Cell.Time;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What each mode runs. */
public final class Catalogue {
  private static final List<Arm> VECTORS = List.of(Arm.VECTOR, Arm.VECTOR_256, Arm.VECTOR_128);
  private static final List<Arm> LANEWISE =
      List.of(Arm.VECTOR, Arm.VECTOR_256, Arm.VECTOR_128, Arm.SCALAR);
  private static final List<Arm> WITH_PEER =
      List.of(Arm.VECTOR, Arm.PYTORCH, Arm.VECTOR_256, Arm.VECTOR_128, Arm.SCALAR);
  private static final List<Arm> WITH_NAIVE =
      List.of(Arm.VECTOR, Arm.PYTORCH, Arm.VECTOR_256, Arm.VECTOR_128, Arm.SCALAR, Arm.NAIVE);
  private static final List<Arm> ALL = List.of(Arm.values());

  /** Once: in CI, to see that it works. */
  private static final Time ONCE = new Time(8, 0, 0, 1, 1);

  /** As short as a median over three rounds bears, and eight cells in a fork. */
  private static final Time SHORT = new Time(8, 1000, 1, 3, 80);

  /** A training step has more code to compile, and takes longer. */
  private static final Time STEP = new Time(1, 3500, 1, 3, 200);

  private static final Time LONG = new Time(4, 1000, 1, 4, 250);

  private Catalogue() {}

  /**
   * The mode {@code quick}: every benchmark once.
   *
   * @param peer whether there is a peer, which then runs what it can
   */
  public static List<Cell> quick(boolean peer) {
    List<Arm> steps = peer ? List.of(Arm.VECTOR, Arm.PYTORCH) : List.of(Arm.VECTOR);
    List<Cell> cells = new ArrayList<>(limits(ONCE));
    for (String method : List.of("forward", "backwardInput", "backwardWeight")) {
      cells.add(convolution("dae.conv1", method, List.of(Arm.VECTOR), ONCE));
    }
    List<Arm> arms = new ArrayList<>(List.of(Arm.VECTOR, Arm.SCALAR, Arm.NAIVE));
    if (peer) {
      arms.add(Arm.PYTORCH);
    }
    cells.add(product("linear2.forward", List.copyOf(arms), ONCE));
    arms.add(Arm.IM2COL);
    cells.add(convolution("dae.conv1", "passes", arms, ONCE));
    cells.add(convolution("users.decoder2", "passes", arms, ONCE));
    List<Arm> both = List.of(Arm.VECTOR, Arm.SCALAR);
    cells.add(convolution("mobilenet.depthwise", "passes", both, ONCE));
    cells.addAll(smallest(PoolingBenchmark.class, "shape", both));
    cells.addAll(smallest(AdaptivePoolingBenchmark.class, "shape", both));
    cells.addAll(smallest(UnpooledConvolutionBenchmark.class, "layer", both));
    cells.addAll(smallest(BatchNormalizationBenchmark.class, "shape", both));
    cells.addAll(smallest(PackedWeightsBenchmark.class, "problem", both));
    cells.addAll(normalizations(ONCE));
    cells.addAll(smallest(ElementwiseBenchmark.class, "size", List.of(Arm.VECTOR)));
    cells.addAll(smallest(LossBenchmark.class, "size", List.of(Arm.VECTOR)));
    cells.addAll(smallest(OptimizerBenchmark.class, "size", List.of(Arm.VECTOR)));
    cells.addAll(Cell.all(TrainingStepBenchmark.class, "run", steps, ONCE, "model"));
    cells.add(
        new Cell(
            TrainingStepBenchmark.class,
            "run",
            Map.of("model", "pool"),
            List.of(Arm.SCALAR),
            ONCE));
    return cells;
  }

  /** Every kernel at the first of its sizes. */
  private static List<Cell> smallest(Class<?> benchmark, String size, List<Arm> arms) {
    String first = Cell.all(benchmark, "run", arms, ONCE, size).get(0).params().get(size);
    return Cell.all(benchmark, "run", arms, ONCE, "kernel", size).stream()
        .filter(cell -> cell.params().get(size).equals(first))
        .toList();
  }

  /** The mode {@code compare}: training steps, all problems and matrix products. */
  public static List<Cell> comparison() {
    List<Cell> cells = new ArrayList<>(limits(SHORT));
    cells.addAll(Cell.all(TrainingStepBenchmark.class, "run", WITH_PEER, STEP, "model"));
    for (ConvolutionProblem problem : ConvolutionProblem.all()) {
      cells.add(convolution(problem.name(), "passes", ALL, SHORT));
    }
    for (String shape : MatrixShape.names()) {
      cells.add(product(shape, WITH_NAIVE, SHORT));
    }
    return cells;
  }

  /** The mode {@code kernels}: everything. */
  public static List<Cell> kernels() {
    List<Cell> cells = new ArrayList<>(limits(LONG));
    for (ConvolutionProblem problem : ConvolutionProblem.all()) {
      cells.add(convolution(problem.name(), "passes", ALL, LONG));
    }
    for (ConvolutionProblem problem : ConvolutionProblem.others()) {
      cells.add(convolution(problem.name(), "passes", LANEWISE, LONG));
    }
    for (String shape : MatrixShape.names()) {
      cells.add(product(shape, WITH_NAIVE, LONG));
    }
    cells.addAll(Cell.all(PoolingBenchmark.class, "run", LANEWISE, LONG, "kernel", "shape"));
    cells.addAll(
        Cell.all(AdaptivePoolingBenchmark.class, "run", LANEWISE, LONG, "kernel", "shape"));
    cells.addAll(
        Cell.all(BatchNormalizationBenchmark.class, "run", LANEWISE, LONG, "kernel", "shape"));
    // what is compared shares a fork
    cells.addAll(
        Cell.all(UnpooledConvolutionBenchmark.class, "run", LANEWISE, LONG, "layer", "kernel"));
    cells.addAll(
        Cell.all(PackedWeightsBenchmark.class, "run", LANEWISE, LONG, "problem", "kernel"));
    cells.addAll(normalizations(LONG));
    cells.addAll(Cell.all(ElementwiseBenchmark.class, "run", LANEWISE, LONG, "kernel", "size"));
    cells.addAll(Cell.all(LossBenchmark.class, "run", LANEWISE, LONG, "kernel", "size"));
    cells.addAll(Cell.all(OptimizerBenchmark.class, "run", LANEWISE, LONG, "kernel", "size"));
    for (Cell model : Cell.all(TrainingStepBenchmark.class, "run", WITH_PEER, LONG, "model")) {
      for (String batch : List.of("1", "10", "100", "1000")) {
        Map<String, String> params = new LinkedHashMap<>(model.params());
        params.put("batch", batch);
        cells.add(new Cell(model.benchmark(), model.method(), params, model.arms(), LONG));
      }
    }
    return cells;
  }

  private static List<Cell> limits(Time time) {
    return List.of(
        new Cell(LimitBenchmark.class, "fma", Map.of(), VECTORS, time),
        new Cell(LimitBenchmark.class, "copy", Map.of(), List.of(Arm.VECTOR), time),
        new Cell(LimitBenchmark.class, "copyByVectors", Map.of(), List.of(Arm.VECTOR), time),
        new Cell(LimitBenchmark.class, "inPlace", Map.of(), List.of(Arm.VECTOR), time));
  }

  private static List<Cell> normalizations(Time time) {
    List<Arm> arms = FusedNormalizationBenchmark.isPossible() ? List.of(Arm.VECTOR) : List.of();
    return Cell.all(FusedNormalizationBenchmark.class, "run", arms, time, "kernel");
  }

  private static Cell convolution(String problem, String method, List<Arm> arms, Time time) {
    return new Cell(ConvolutionBenchmark.class, method, Map.of("problem", problem), arms, time);
  }

  private static Cell product(String shape, List<Arm> arms, Time time) {
    return new Cell(MatrixProductBenchmark.class, "run", Map.of("shape", shape), arms, time);
  }
}
