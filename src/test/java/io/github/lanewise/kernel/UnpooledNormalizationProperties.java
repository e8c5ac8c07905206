package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.MaxPoolingTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.kernel.SplitNormalization.Variant;
import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.NaiveUnpooled.Given;
import io.github.lanewise.testing.UnpooledCase;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;
import org.junit.jupiter.api.function.Executable;

/** Transposed convolutions of unpooled values that compute the gradient of a normalisation. */
class UnpooledNormalizationProperties {
  private static final UnpooledCase DAE =
      UnpooledCase.parse("convT mb3ic16ih16iw16oc16kh3sh2ph1oph1", 64);

  /** L: floats of a vector. */
  private static final UnpooledCase[] LISTED = {
    DAE,
    UnpooledCase.parse("convT mb2ic3ih14iw14oc1Lkh3sh2ph1", 49),
    UnpooledCase.parse("convT mb3ic2ih20iw20oc4Lkh3sh2ph1oph1", 101),
    UnpooledCase.parse("convT mb17ic1iw40oc2L-1kw9sw3", 1),
    UnpooledCase.parse("convT mb2ic16iw20oc1Lkw3pw5", 10),
    UnpooledCase.parse("convT mb2ic16iw20oc2Lkw5sw2opw1", 10), // columns that no tap reaches
    UnpooledCase.parse("convT mb2ic24ih4iw4oc2L-1kh4kw3dh2dw1", 8),
    UnpooledCase.parse("convT mb19ic16iw8oc2Lkw3pw1", 4),
    UnpooledCase.parse("convT mb2ic16ih9iw11oc1Lkh2kw3ph3pw4", 42),
    UnpooledCase.parse("convT mb2ic16ih1iw2oc1Lkh3kw2ph1pw0", 1), // rows of three
    UnpooledCase.parse("convT mb1ic2ih33iw33oc1Lkh2sh2", 100) // gradients copied in several steps
  };

  /** With one element a plane there is no such normalisation. */
  @Provide
  Arbitrary<UnpooledCase> problems() {
    return UnpooledCase.any().filter(c -> c.dense().outHeight() * c.dense().outWidth() > 1);
  }

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  @StatisticsReport(StatisticsReportMode.OFF)
  void sameBitsAsOneByOne(
      @ForAll("problems") UnpooledCase c,
      @ForAll boolean relu,
      @ForAll boolean special,
      @ForAll long seed) {
    check(c, new Variant(relu, true, special), new Random(seed));
    if (Lanewise.vectorBits() > 0) {
      Statistics.label("takes a normalisation")
          .collect(c.plan().takesNormalization())
          .coverage(samples -> samples.check(true).percentage(p -> p >= 25));
    }
  }

  @Example
  void listedProblems() {
    for (UnpooledCase c : LISTED) {
      assertEquals(Lanewise.vectorBits() > 0, c.plan().takesNormalization(), c::toString);
      for (Variant v : Variant.ALL) {
        check(c, new Variant(v.reluInput(), true, v.special()), new Random(5));
      }
    }
  }

  /** Rows that no tap reaches are summed for the bias as they lie. */
  @Example
  void rowsWithoutTapsAreLeftToTheNormalization() {
    UnpooledCase c = UnpooledCase.parse("convT mb2ic16ih4iw5oc1Lkh7kw9sh2sw1oph1opw0", 10);
    assertFalse(c.plan().takesNormalization());
    check(c, new Variant(true, true, false), new Random(6));
  }

  private static void check(UnpooledCase u, Variant v, Random random) {
    ConvolutionCase c = u.dense();
    int plane = c.outHeight() * c.outWidth();
    SplitNormalization n = new SplitNormalization(c.batch(), c.outChannels(), plane, v, random);
    Given data = Given.random(c, u.entries(), false, random);
    if (v.special()) {
      data.gradOutput()[random.nextInt(n.input.length)] = ConvolutionProperties.special(random);
    }
    if (u.plan().takesNormalization()) {
      checkSameBits(u.plan(), n, data);
    } else {
      checkRefused(u.plan(), n, data);
    }
  }

  private static void checkSameBits(
      UnpooledTransposedConvolution plan, SplitNormalization n, Given data) {
    for (int width = 1; width <= 2; width++) {
      Parallelism threads = Workspaces.threads(width);
      long floats = Math.max(plan.workspaceSize(threads), n.plan.workspaceSize(threads));
      Workspace workspace = Workspaces.filled(floats, Float.NaN, threads);
      n.forward(workspace);
      float[] gradient = n.backward(data.gradOutput(), workspace);
      for (int wanted = 0; wanted < 4; wanted++) {
        Gradients expected = new Gradients(plan, data, wanted);
        expected.run(plan, data, gradient);
        Gradients actual = new Gradients(plan, data, wanted);
        actual.run(plan, data, n, workspace);
        expected.assertSame(actual);
      }
      assertEquals(floats, workspace.size(), "the workspace had to grow");
    }
  }

  /** What a backward pass writes; some is {@code null}, if not wanted. */
  private record Gradients(Guarded values, Guarded weight, Guarded bias) {
    Gradients(UnpooledTransposedConvolution plan, Given data, int wanted) {
      this(
          (wanted & 1) > 0 ? null : Guarded.behind(plan.valuesSize()),
          Guarded.behind(plan.weightSize()),
          (wanted & 2) > 0 ? null : Guarded.behind(data.outChannels()));
    }

    void run(UnpooledTransposedConvolution plan, Given data, float[] gradient) {
      float[] dx = Guarded.arrayOf(values);
      float[] db = Guarded.arrayOf(bias);
      Workspace w = new Workspace();
      plan.backward(
          data.values(),
          data.indices(),
          null,
          data.weight(),
          gradient,
          dx,
          null,
          weight.array,
          db,
          w);
    }

    void run(
        UnpooledTransposedConvolution plan, Given data, SplitNormalization n, Workspace workspace) {
      Guarded dy = Guarded.behind(data.gradOutput());
      Guarded output = Guarded.behind(n.input);
      plan.backward(
          data.values(),
          data.indices(),
          data.weight(),
          dy.array,
          n.fused,
          output.array,
          Guarded.arrayOf(values),
          weight.array,
          Guarded.arrayOf(bias),
          workspace);
      Compare.bits("grad_output afterwards", data.gradOutput(), dy.values("grad_output"));
      Compare.bits("output afterwards", n.input, output.values("output"));
    }

    void assertSame(Gradients actual) {
      same("grad_values", values, actual.values);
      same("grad_weight", weight, actual.weight);
      same("grad_bias", bias, actual.bias);
    }

    private static void same(String name, Guarded expected, Guarded actual) {
      if (expected != null) {
        Compare.bitsOrNan(name, expected.values(name), actual.values(name));
      }
    }

    void assertUntouched() {
      for (Guarded array : new Guarded[] {values, weight, bias}) {
        for (int i = 0; array != null && i < array.size; i++) {
          assertTrue(Float.isNaN(array.array[i]), "something was written");
        }
      }
    }
  }

  private static void checkRefused(
      UnpooledTransposedConvolution plan, SplitNormalization n, Given data) {
    n.forward(new Workspace());
    n.backward(data.gradOutput(), new Workspace());
    Gradients gradients = new Gradients(plan, data, 0);
    assertRefused(
        "normalization is given, but this plan does not take one",
        () -> gradients.run(plan, data, n, new Workspace()));
    gradients.assertUntouched();
  }

  /** Of the output's: neither fewer channels, nor as many with other planes. */
  @Example
  void normalizationMustBeOfTheOutputsShape() {
    UnpooledTransposedConvolution plan = DAE.plan();
    float[] big = new float[plan.outputSize()];
    int[] indices = new int[plan.valuesSize()];
    float[] gradWeight = new float[plan.weightSize()];
    Workspace w = new Workspace();
    FusedNormalization[] others = {
      null,
      BatchNormalization.of(3, 8, 2048).build().fused(),
      BatchNormalization.of(3, 32, 512).build().fused(),
      BatchNormalization.of(6, 16, 512).build().fused(),
      BatchNormalization.of(3, 16, 256).build().fused() // the input's
    };
    for (FusedNormalization other : others) {
      String refusal =
          other == null
              ? "normalization is null"
              : Lanewise.vectorBits() == 0
                  ? "normalization is given, but this plan does not take one"
                  : "normalization is of arrays of shape "
                      + Arrays.toString(other.shape())
                      + " but must be of [3, 16, 1024]";
      assertRefused(
          refusal,
          () ->
              plan.backward(big, indices, big, big, other, big.clone(), null, gradWeight, null, w));
    }
    assertArrayEquals(new float[gradWeight.length], gradWeight);
  }

  /** Its forward pass will not do. */
  @Example
  void normalizationMustHaveBeenRunBackward() {
    UnpooledTransposedConvolution plan = DAE.plan();
    if (!plan.takesNormalization()) {
      return; // a scalar twin
    }
    float[] big = new float[plan.outputSize()];
    float[] channels = new float[16];
    int[] indices = new int[plan.valuesSize()];
    float[] gradWeight = new float[plan.weightSize()];
    Workspace w = new Workspace();
    FusedNormalization n = BatchNormalization.of(3, 16, 1024).build().fused();
    n.forwardEval(null, null, channels, channels, w);
    Executable backward =
        () -> plan.backward(big, indices, big, big, n, big.clone(), null, gradWeight, null, w);
    assertEquals(
        "normalization has no coefficients yet: call its backwardTraining first",
        assertThrows(IllegalStateException.class, backward).getMessage());
    assertArrayEquals(new float[gradWeight.length], gradWeight);
    n.backwardTraining(big, big, null, channels, channels, null, null, w);
    assertDoesNotThrow(backward);
  }

  @Example
  void badIndicesAreRefusedBeforeAnythingIsWritten() {
    for (UnpooledCase u : LISTED) {
      ConvolutionCase c = u.dense();
      Random random = new Random(3);
      Given data = Given.random(c, u.entries(), false, random);
      int plane = c.outHeight() * c.outWidth();
      Variant v = new Variant(false, true, false);
      SplitNormalization n = new SplitNormalization(c.batch(), c.outChannels(), plane, v, random);
      n.backward(new float[n.input.length], new Workspace());
      data.indices()[random.nextInt(data.indices().length)] = u.plane();
      Gradients gradients = new Gradients(u.plan(), data, 0);
      assertRefused(
          Lanewise.vectorBits() > 0 ? "is " + u.plane() + " but must be between" : "normalization",
          () -> gradients.run(u.plan(), data, n, new Workspace(Workspaces.threads(2))));
      gradients.assertUntouched();
    }
  }
}
