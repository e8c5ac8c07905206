package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.Compare;
import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.ConvolutionCases;
import io.github.lanewise.testing.ConvolutionData;
import io.github.lanewise.testing.ConvolutionPlan;
import io.github.lanewise.testing.Guarded;
import io.github.lanewise.testing.Workspaces;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A forward pass with packed weights has the bits of the one that packs them itself. */
class PackedWeightsProperties {
  /** One problem for each way to cut the work among tasks, and to pack. */
  private static final String[] LISTED = {
    "conv mb1ic64ih28oc64kh3ph1", // slices of rows share a block's weights
    "conv mb1ic64ih7oc512kh3ph1", // a task packs what it alone uses
    "conv mb3ic130ih14oc70kh3ph1", // tasks by images
    "conv mb9ic64ih7oc33kh3ph1", // images together
    "conv g3mb2ic48ih9oc60kh3ph1", // groups
    "conv mb2ic300ih14oc100kh1", // a matrix product, in two parts of terms
    "conv mb1ic40ih7oc9kh1", // the same, with columns that fill no vector
    "convT mb1ic128ih4oc70kh4sh2ph1", // four phases
    "convT mb2ic40ih7oc64kh1", // a matrix product
    "convT mb2ic20ih5oc40kh3sh5", // positions without a tap
    "conv mb2ic3ih20oc5kh3" // positions in lanes, whose weights are not worth packing
  };

  @Provide
  Arbitrary<ConvolutionCase> cases() {
    return ConvolutionCases.any();
  }

  @Property(tries = 300)
  void sameBits(@ForAll("cases") ConvolutionCase c, @ForAll Random random) {
    check(c, random);
  }

  @Example
  void sameBitsHoweverTheWorkIsCut() {
    for (String line : LISTED) {
      check(ConvolutionCase.parse(line), new Random(3));
    }
  }

  private static void check(ConvolutionCase c, Random random) {
    ConvolutionPlan plan = ConvolutionPlan.of(c);
    ConvolutionData data = ConvolutionData.normals(c, random);
    float[] expected = forward(plan, c, data, random, new Workspace());
    float[] weight = data.weight().clone();
    float[] bias = data.bias() == null ? null : data.bias().clone();
    PackedWeights packed = plan.packWeights(weight, bias);
    Arrays.fill(weight, Float.NaN); // it has a copy
    if (bias != null) {
      Arrays.fill(bias, Float.NaN);
    }
    assertEquals(c.inputSize(), packed.inputSize());
    assertEquals(c.outputSize(), packed.outputSize());
    assertTrue(packed.floats() > 0, "floats held");
    for (int threads = 1; threads <= 2; threads++) {
      Parallelism parallelism = Workspaces.threads(threads);
      long need = packed.workspaceSize(parallelism);
      Workspace workspace = Workspaces.filled(need, Float.NaN, parallelism);
      Guarded input = Guarded.of(data.input(), random);
      Guarded output = Guarded.forResult(c.outputSize(), random);
      packed.forward(input.array, input.offset, output.array, output.offset, workspace);
      Compare.bits(c + ", output", expected, output.values("output"));
      float[] again = new float[c.outputSize()];
      packed.forward(data.input(), again, workspace);
      Compare.bits(c + ", output without offsets", expected, again);
      assertEquals(need, workspace.size(), "the floats that workspaceSize asked for");
    }
    // a workspace brings nothing of a call into the next one
    Workspace used = new Workspace();
    ConvolutionData others = ConvolutionData.normals(c, random);
    float[] expectedOfOthers = forward(plan, c, others, random, used);
    float[] output = new float[c.outputSize()];
    packed.forward(data.input(), output, used);
    Compare.bits(c + ", output after others", expected, output);
    output = forward(plan, c, others, random, used);
    Compare.bits(c + ", output of others", expectedOfOthers, output);
  }

  /** The plan's own forward pass, of arrays that begin at an offset. */
  private static float[] forward(
      ConvolutionPlan plan, ConvolutionCase c, ConvolutionData data, Random random, Workspace w) {
    Guarded output = Guarded.forResult(c.outputSize(), random);
    Guarded input = Guarded.of(data.input(), random);
    Guarded weight = Guarded.of(data.weight(), random);
    Guarded bias = data.bias() == null ? null : Guarded.of(data.bias(), random);
    plan.forward(input, weight, bias, output, w);
    return output.values("output");
  }

  @Example
  void refusesShortArraysByName() {
    Convolution plan = Convolution.conv1d(1, 2, 3, 9, 3).build();
    refused("weight", () -> plan.packWeights(new float[17], null));
    refused("weight", () -> plan.packWeights(null, null));
    refused("bias", () -> plan.packWeights(new float[18], new float[2]));
    PackedWeights packed = plan.packWeights(new float[18], new float[3]);
    Workspace workspace = new Workspace();
    refused("input", () -> packed.forward(new float[17], new float[21], workspace));
    refused("output", () -> packed.forward(new float[18], new float[20], workspace));
    float[] both = new float[40];
    refused("overlap", () -> packed.forward(both, 0, both, 17, workspace));
    packed.forward(both, 0, both, 18, workspace);
  }

  private static void refused(String what, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(what), message);
  }
}
