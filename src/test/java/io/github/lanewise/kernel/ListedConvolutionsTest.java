package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.ConvolutionData;
import io.github.lanewise.testing.ConvolutionPlan;
import io.github.lanewise.testing.ConvolutionResults;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.ListedConvolution;
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

  private static Stream<DynamicTest> tests(Predicate<ConvolutionCase> which) {
    return ListedConvolution.all().stream()
        .filter(listed -> which.test(listed.problem()))
        .map(ListedConvolutionsTest::affordable)
        .map(c -> dynamicTest(c.toString(), () -> check(c)));
  }

  /**
   * Fewer images and smaller planes: what is left exercises the same tiles of channels and taps. A
   * line that says what serves it is for more than tiles, and stays as it is.
   */
  private static ConvolutionCase affordable(ListedConvolution listed) {
    ConvolutionCase c = listed.problem();
    if (c.multiplyAdds() <= SMALL || !listed.servedBy().isEmpty()) {
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
    ConvolutionData data = ConvolutionData.withBias(c, random);
    ConvolutionPlan plan = ConvolutionPlan.of(c);
    Parallelism threads = Workspaces.threads(2);
    Workspace workspace = Workspaces.filled(plan.workspaceSize(threads), Float.NaN, threads);
    NaiveConvolution expected = NaiveConvolution.of(c, data);
    ConvolutionResults.of(plan, c, data, workspace, random).assertExactly(expected);
    assertExactlyWithoutBias(plan, c, data, expected.output(), workspace);
    assertEquals(plan.workspaceSize(threads), workspace.size(), "the workspace had to grow");
    assertEquals(c.inputSize(), plan.inputSize());
    assertEquals(c.weightSize(), plan.weightSize());
    assertEquals(c.outputSize(), plan.outputSize());
    int[] shape = {c.batch(), c.outChannels(), c.outHeight(), c.outWidth()};
    int[] flat = {c.batch(), c.outChannels(), c.outWidth()};
    assertArrayEquals(c.dimensions() == 1 ? flat : shape, plan.outputShape());
  }

  /** In arrays that end where the data does: for these kernels may have ways of their own. */
  private static void assertExactlyWithoutBias(
      ConvolutionPlan plan,
      ConvolutionCase c,
      ConvolutionData data,
      double[] output,
      Workspace workspace) {
    double[] expected = new double[output.length];
    for (int i = 0; i < expected.length; i++) {
      int channel = i / (c.outHeight() * c.outWidth()) % c.outChannels();
      expected[i] = output[i] - data.bias()[channel];
    }
    Guarded result = Guarded.forResult(expected.length, null);
    plan.forward(
        Guarded.of(data.input(), null), Guarded.of(data.weight(), null), null, result, workspace);
    Compare.exact("output without a bias", expected, result.values("output"));
  }

  /** A line that is there for one way to compute a pass would otherwise miss it unnoticed. */
  @Test
  void problemsAreServedByWhatTheyAreFor() {
    assumeTrue(Lanewise.vectorBits() == 512, "which implementation is best depends on the width");
    for (ListedConvolution listed : ListedConvolution.all()) {
      String plan = ConvolutionPlan.of(listed.problem()).describe();
      List<String> passes = List.of(plan.split(", "));
      for (String served : listed.servedBy()) {
        assertTrue(passes.contains(served), () -> served + " is wanted by " + listed + ": " + plan);
      }
    }
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
    return ListedConvolution.all().stream()
        .filter(listed -> listed.problem().transposed() == transposed)
        .map(listed -> ConvolutionPlan.of(affordable(listed)).describe() + ",")
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
    for (ListedConvolution listed : ListedConvolution.all()) {
      ConvolutionCase problem = listed.problem();
      assertEquals(problem, ConvolutionCase.parse(problem.toString()));
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
