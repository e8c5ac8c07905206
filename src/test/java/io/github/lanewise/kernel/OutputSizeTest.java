package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.testing.ConvolutionCase;
import io.github.lanewise.testing.ConvolutionCase.Axis;
import io.github.lanewise.testing.ConvolutionCases;
import java.util.Arrays;
import java.util.function.Supplier;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Sizes asked for backwards: from the output that is wanted to the arguments that give it. */
class OutputSizeTest {
  @Provide
  Arbitrary<ConvolutionCase> transposed() {
    return ConvolutionCases.any().filter(ConvolutionCase::transposed);
  }

  private static TransposedConvolution.Builder builder(ConvolutionCase c) {
    return (c.dimensions() == 1
            ? TransposedConvolution.convTranspose1d(1, 1, 1, c.width().size(), c.width().kernel())
            : TransposedConvolution.convTranspose2d(
                1, 1, 1, c.height().size(), c.width().size(), c.axes(Axis::kernel)))
        .stride(c.axes(Axis::stride))
        .padding(c.axes(Axis::padding))
        .dilation(c.axes(Axis::dilation));
  }

  private static int[] spatial(int[] shape) {
    return Arrays.copyOfRange(shape, 2, shape.length);
  }

  /** Every size that some output_padding gives is accepted and gives it back, and no other. */
  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void outputPaddingIsFoundForExactlyTheSizesThatItGives(@ForAll("transposed") ConvolutionCase c) {
    TransposedConvolution.Builder builder = builder(c);
    int[] least = builder.leastOutputSize();
    int[] most = builder.mostOutputSize();
    int last = c.dimensions() - 1;
    int found = 0;
    for (int extra = 0; extra < Math.max(c.width().stride(), c.width().dilation()); extra++) {
      int[] given = c.axes(Axis::outputPadding);
      given[last] = extra;
      int[] size;
      try {
        size = spatial(builder.outputPadding(given).build().outputShape());
      } catch (IllegalArgumentException e) {
        continue; // this one leaves nothing of the output
      }
      found++;
      assertTrue(size[last] >= least[last] && size[last] <= most[last], c::toString);
      TransposedConvolution back = builder.outputSize(size).build();
      assertArrayEquals(given, back.outputPadding());
      assertArrayEquals(size, spatial(back.outputShape()));
    }
    assertEquals(most[last] - least[last] + 1, found);
    for (int wrong : new int[] {least[last] - 1, most[last] + 1}) {
      int[] size = least.clone();
      size[last] = wrong;
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> builder.outputSize(size).build().describe())
              .getMessage();
      assertTrue(
          wrong == 0 || message.contains("must be between " + least[last] + " and " + most[last]),
          message);
    }
  }

  @Example
  void theMessageNamesTheRangeAndTheAxis() {
    TransposedConvolution.Builder builder =
        TransposedConvolution.convTranspose2d(1, 1, 1, 13, 13, 3).stride(2).padding(1);
    assertArrayEquals(new int[] {25, 25}, builder.leastOutputSize());
    assertArrayEquals(new int[] {26, 26}, builder.mostOutputSize());
    assertArrayEquals(new int[] {1, 0}, builder.outputSize(26, 25).build().outputPadding());
    MaxPoolingTest.assertRefused(
        "output_size is [25, 27] but must be between 25 and 26 in width: the input is [13, 13],"
            + " kernel_size [3, 3], stride [2, 2], padding [1, 1], dilation [1, 1]",
        () -> builder.outputSize(25, 27).build());
    MaxPoolingTest.assertRefused(
        "output_size is [24, 25] but must be between 25 and 26 in height",
        () -> builder.outputSize(24, 25).build());
    // the later of the two counts
    assertArrayEquals(new int[] {0, 1}, builder.outputPadding(0, 1).build().outputPadding());
    MaxPoolingTest.assertRefused("output_size is 0", () -> builder.outputSize(0));
    MaxPoolingTest.assertRefused("output_size is null", () -> builder.outputSize((int[]) null));
    MaxPoolingTest.assertRefused(
        "padding 9 crops all of input 4",
        () -> TransposedConvolution.convTranspose1d(1, 1, 1, 4, 3).padding(9).mostOutputSize());
    MaxPoolingTest.assertRefused(
        "padding 9 crops all of input 4",
        () ->
            TransposedConvolution.convTranspose1d(1, 1, 1, 4, 3).padding(9).outputSize(1).build());
  }

  /** What is made of a plan has its output; each caller gets a copy of the shape. */
  @Example
  void plansMadeOfAPlanTellItsOutputsShape() {
    var c1 = Convolution.conv1d(2, 4, 6, 9, 3).padding(1).build();
    var c2 = Convolution.conv2d(2, 3, 5, 6, 7, 3, 2).stride(2).build();
    var t1 = TransposedConvolution.convTranspose1d(2, 4, 6, 9, 3).stride(2).build();
    var t2 = TransposedConvolution.convTranspose2d(2, 3, 5, 6, 7, 3, 2).build();
    check(new int[] {2, 6, 9}, c1.packWeights(new float[72], new float[6])::outputShape);
    check(new int[] {2, 5, 2, 3}, c2.packWeights(new float[90], null)::outputShape);
    check(new int[] {2, 6, 19}, t1.packWeights(new float[72], new float[6])::outputShape);
    check(new int[] {2, 5, 8, 8}, t2.packWeights(new float[90], null)::outputShape);
    check(new int[] {2, 6, 19}, t1.unpooled(3)::outputShape);
    check(new int[] {2, 5, 8, 8}, t2.unpooled(4)::outputShape);
  }

  private static void check(int[] expected, Supplier<int[]> shape) {
    assertArrayEquals(expected, shape.get());
    shape.get()[1] = 0;
    assertArrayEquals(expected, shape.get());
  }

  /** Exactly the sizes of the range unpool. */
  @Property(tries = 1000)
  void unpoolingAcceptsExactlyItsRange(
      @ForAll @IntRange(min = 1, max = 20) int length,
      @ForAll @IntRange(min = 1, max = 7) int kernel,
      @ForAll @IntRange(min = 1, max = 5) int stride,
      @ForAll @IntRange(min = 0, max = 3) int pad) {
    int padding = Math.min(pad, kernel / 2);
    MaxUnpooling.Builder builder =
        MaxUnpooling.maxUnpool2d(1, 1, 1, length, 1, kernel).stride(1, stride).padding(0, padding);
    int largest = (length - 1) * stride - 2 * padding + kernel + stride - 1;
    if (largest < 1) {
      String message = "the largest output_size is " + largest;
      MaxPoolingTest.assertRefused(message, builder::leastOutputSize);
      MaxPoolingTest.assertRefused(message, builder::mostOutputSize);
      MaxPoolingTest.assertRefused("output_size", () -> builder.outputSize(1, 1).build());
      return;
    }
    int[] least = builder.leastOutputSize();
    int[] most = builder.mostOutputSize();
    assertArrayEquals(new int[] {1, 1}, new int[] {least[0], most[0]});
    for (int size = Math.max(1, least[1] - 2); size <= most[1] + 2; size++) {
      int wanted = size;
      if (size >= least[1] && size <= most[1]) {
        assertArrayEquals(
            new int[] {1, size}, spatial(builder.outputSize(1, size).build().outputShape()));
      } else {
        MaxPoolingTest.assertRefused(
            "output_size is [1, " + size + "]", () -> builder.outputSize(1, wanted).build());
      }
    }
  }
}
