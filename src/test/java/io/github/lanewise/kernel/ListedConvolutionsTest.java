package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.ConvolutionCases;
import io.github.lanewise.testing.ConvolutionData;
import io.github.lanewise.testing.ConvolutionPlan;
import io.github.lanewise.testing.ConvolutionResults;
import io.github.lanewise.testing.NaiveConvolution;
import io.github.lanewise.testing.Workspaces;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every problem of {@code convolutions.txt} against the naive loops, exactly. */
class ListedConvolutionsTest {
  private static final long AFFORDABLE = 30_000_000;

  /** The most multiply-adds that take no time worth mentioning. */
  private static final long SMALL = 3_000_000;

  @TestFactory
  Stream<DynamicTest> integersAreExact() {
    return tests(c -> c.multiplyAdds() <= SMALL);
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> integersAreExactInLargeProblemsToo() {
    return tests(c -> c.multiplyAdds() > SMALL);
  }

  /** More positions than the weight gradient packs at once: too large to be in the list. */
  @Test
  @Tag("slow")
  void positionsOfSeveralStepsAreExact() {
    check(ConvolutionCase.parse("conv mb2ic16ih27iw30oc4100kh1kw1"));
  }

  private static Stream<DynamicTest> tests(Predicate<ConvolutionCase> which) {
    return ConvolutionCases.listed().stream()
        .filter(which)
        .map(ListedConvolutionsTest::affordable)
        .map(c -> dynamicTest(c.toString(), () -> check(c)));
  }

  /**
   * Fewer images and smaller planes: what is left exercises the same tiles of channels and taps.
   */
  private static ConvolutionCase affordable(ConvolutionCase c) {
    if (c.multiplyAdds() <= SMALL) {
      return c;
    }
    ConvolutionCase smaller = c.withBatch(Math.min(c.batch(), 3));
    if (smaller.multiplyAdds() > AFFORDABLE) {
      smaller = c.withBatch(1);
    }
    while (smaller.multiplyAdds() > AFFORDABLE) {
      smaller = smaller.withHalfThePlane();
    }
    return smaller;
  }

  private static void check(ConvolutionCase c) {
    Random random = new Random(1);
    ConvolutionData data = ConvolutionData.integers(c, random);
    ConvolutionPlan plan = ConvolutionPlan.of(c);
    Parallelism threads = Workspaces.threads(2);
    Workspace workspace = Workspaces.filled(plan.workspaceSize(threads), Float.NaN, threads);
    ConvolutionResults.of(plan, c, data, workspace, random)
        .assertExactly(NaiveConvolution.of(c, data));
    assertEquals(plan.workspaceSize(threads), workspace.size(), "the workspace had to grow");
    assertEquals(c.inputSize(), plan.inputSize());
    assertEquals(c.weightSize(), plan.weightSize());
    assertEquals(c.outputSize(), plan.outputSize());
    int[] shape = {c.batch(), c.outChannels(), c.outHeight(), c.outWidth()};
    int[] flat = {c.batch(), c.outChannels(), c.outWidth()};
    assertArrayEquals(c.dimensions() == 1 ? flat : shape, plan.outputShape());
  }

  /** A kernel that no problem here reaches would go untested: whoever adds one adds a problem. */
  @Test
  void everyImplementationServesSomeProblem() {
    String plain = chosen(false);
    String transposed = chosen(true);
    // a transposed convolution's forward pass is its dual's input gradient
    assertServes(
        plain, "forward", transposed, "backward input", Backend.KERNELS.convolutionForward());
    assertServes(
        plain, "backward input", transposed, "forward", Backend.KERNELS.convolutionBackwardInput());
    assertServes(
        plain,
        "backward weight",
        transposed,
        "backward weight",
        Backend.KERNELS.convolutionBackwardWeight());
  }

  private static String chosen(boolean transposed) {
    return ConvolutionCases.listed().stream()
        .filter(c -> c.transposed() == transposed)
        .map(c -> ConvolutionPlan.of(affordable(c)).describe() + ",")
        .collect(Collectors.joining());
  }

  private static void assertServes(
      String plain,
      String pass,
      String transposed,
      String dualPass,
      List<Implementation<ConvolutionProblem>> implementations) {
    // the scalar twin at the end may be left with nothing: another run of the suite is its own
    for (Implementation<ConvolutionProblem> implementation :
        implementations.subList(0, implementations.size() - 1)) {
      String name = " " + implementation.name() + ",";
      assertTrue(
          plain.contains(pass + name) || transposed.contains(dualPass + name),
          () -> "no problem is served by " + pass + name);
    }
  }

  @Test
  void aProblemIsWrittenAsItIsRead() {
    for (ConvolutionCase c : ConvolutionCases.listed()) {
      assertEquals(c, ConvolutionCase.parse(c.toString()));
    }
    ConvolutionCase c = ConvolutionCase.parse("convT g2mb4ic4ih7iw5oc6kh3kw2sh2sw3oph1n\"a b\"");
    ConvolutionCase.Axis height = new ConvolutionCase.Axis(7, 3, 2, 0, 1, 1);
    ConvolutionCase.Axis width = new ConvolutionCase.Axis(5, 2, 3, 0, 1, 1);
    assertEquals(new ConvolutionCase("a b", true, 2, 2, 4, 4, 6, height, width), c);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "conv",
        "pool ic1iw1oc1kw1",
        "conv ic1iw1oc1kw1kw1",
        "conv ic1iw1oc1",
        "conv ic1iw4oc1kw1kh1",
        "conv ic1iw1oc1kw1xx3",
        "conv ic1iw1oc1kw1 n\"x\""
      })
  void malformedLinesAreRefused(String line) {
    assertThrows(IllegalArgumentException.class, () -> ConvolutionCase.parse(line));
  }
}
