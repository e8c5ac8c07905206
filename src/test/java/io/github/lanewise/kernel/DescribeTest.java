package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/**
 * Who computes a problem; for convolutions see {@link ListedConvolutionsTest}. A vector kernel that
 * refuses what is its own leaves it to the plain loops, whose results are as right as its own: only
 * the name tells. Names stand in angle brackets here; with the scalar backend each is "scalar".
 */
class DescribeTest {
  private static void assertDescribed(String vector, String actual) {
    boolean scalar = Lanewise.backend().equals("scalar");
    assertEquals(
        scalar ? vector.replaceAll("<.*?>", "scalar") : vector.replaceAll("[<>]", ""), actual);
  }

  @Test
  void elementwise() {
    String both = "forward <vector>, backward <vector>";
    assertDescribed(both, Activation.relu(9).describe());
    assertDescribed(both, Activation.leakyRelu(9, 0.1).describe());
    assertDescribed(both, Activation.sigmoid(9).describe());
    assertDescribed(both, Activation.tanh(9).describe());
    assertDescribed("<vector>", Dropout.of(9, 0.5).describe());
    assertDescribed("<vector>", AdamUpdate.adam(9).build().describe());
    assertDescribed("<vector>", AdamUpdate.adamw(9).build().describe());
    assertDescribed("<vector>", SgdUpdate.sgd(9).build().describe());
  }

  @Test
  void losses() {
    assertDescribed("<vector>", RegressionLoss.mseLoss(9).build().describe());
    assertDescribed("<vector>", RegressionLoss.l1Loss(9).build().describe());
    assertDescribed("<vector>", RegressionLoss.smoothL1Loss(9, 1).build().describe());
    assertDescribed("<vector>", BinaryCrossEntropyWithLogits.of(3, 9).build().describe());
    assertDescribed(
        "indices <vector, classes in lanes>, probabilities <vector, classes in lanes>",
        CrossEntropy.of(3, 9, 1).build().describe());
    assertDescribed(
        "indices <vector, positions in lanes>, probabilities <vector, positions in lanes>",
        CrossEntropy.of(3, 9, 2).build().describe());
    assertDescribed(
        "indices <vector, positions in lanes>, probabilities <vector, positions in lanes>",
        CrossEntropy.of(32, 16, 1).build().describe());
  }

  @Test
  void matrixProduct() {
    assertDescribed("<packed>", MatrixProduct.of(9, 9, 9).build().describe());
    assertDescribed("<rows>", MatrixProduct.of(9, 9, 300).transposeB(true).build().describe());
  }

  @Test
  void alongOrAcrossChannels() {
    assertDescribed(
        "forward <vector, channels in lanes>, backward <vector, channels in lanes>",
        Softmax.softmax(3, 9, 1).describe());
    assertDescribed(
        "forward <vector, positions in lanes>, backward <vector, positions in lanes>",
        Softmax.logSoftmax(3, 9, 2).describe());
    assertDescribed(
        "forward <vector, positions in lanes>, backward <vector, positions in lanes>",
        Softmax.softmax(32, 8, 1).describe());
    assertDescribed(
        "forward training <vector>, forward eval <vector>,"
            + " backward training <vector>, backward eval <vector>",
        BatchNormalization.of(3, 9, 2).build().describe());
    assertDescribed(
        "forward training <vector, channels in lanes>, forward eval <vector, channels in lanes>,"
            + " backward training <vector, channels in lanes>,"
            + " backward eval <vector, channels in lanes>",
        BatchNormalization.of(3, 9, 1).build().describe());
  }

  @Test
  void pooling() {
    assertDescribed(
        "forward <vector>, backward <vector check>",
        MaxPooling.maxPool2d(1, 2, 9, 9, 3).build().describe());
    assertDescribed(
        "forward <vector>, backward <vector tiles>",
        MaxPooling.maxPool1d(1, 2, 50, 3).padding(1).build().describe());
    assertDescribed(
        "forward <vector tiles>, backward <vector select>",
        MaxUnpooling.maxUnpool1d(1, 2, 17, 3).build().describe());
    assertDescribed(
        "forward <vector>, backward <vector tiles>",
        AveragePooling.avgPool2d(1, 2, 9, 9, 3).build().describe());
    assertDescribed(
        "forward <vector>, backward <vector>",
        AveragePooling.avgPool2d(1, 2, 9, 9, 3).stride(2).build().describe());
    assertDescribed(
        "forward <vector adaptive>, backward <vector adaptive>",
        AdaptiveAveragePooling.adaptiveAvgPool2d(1, 2, 9, 9, 4).build().describe());
    assertDescribed(
        "forward <vector adaptive>, backward <vector check>",
        AdaptiveMaxPooling.adaptiveMaxPool2d(1, 2, 9, 9, 4).build().describe());
    assertDescribed(
        "forward <vector check>, backward <vector check>",
        MaxUnpooling.maxUnpool2d(1, 2, 4, 3, 2).build().describe());
    assertDescribed(
        "forward <vector pairs>, backward <vector select>",
        MaxUnpooling.maxUnpool2d(1, 2, 4, 16, 2).build().describe());
    assertDescribed(
        "forward <vector>, backward <vector pairs>",
        MaxPooling.maxPool2d(1, 2, 9, 33, 2).build().describe());
  }

  private static UnpooledTransposedConvolution unpooled(int channels, int results, int entries) {
    return TransposedConvolution.convTranspose1d(2, channels, results, 40, 5)
        .padding(2)
        .build()
        .unpooled(entries);
  }

  private static void assertUnpooled(
      boolean few, boolean forward, boolean backward, UnpooledTransposedConvolution plan) {
    assertUnpooled(few, forward, forward, backward, plan);
  }

  /** {@code pays}: whether the forward pass is worthwhile, too, if there is a kernel for it. */
  private static void assertUnpooled(
      boolean few,
      boolean forward,
      boolean pays,
      boolean backward,
      UnpooledTransposedConvolution plan) {
    assertDescribed(
        "forward "
            + (forward ? "<scatter-add sparse>" : "scalar")
            + ", backward "
            + (backward ? "<channel-lanes sparse>" : "scalar"),
        plan.describe());
    boolean scalar = Lanewise.backend().equals("scalar");
    assertEquals(scalar ? few : pays, plan.isForwardWorthwhile(), "forward");
    assertEquals(scalar ? few : backward, plan.isBackwardWorthwhile(), "backward");
  }

  /** By the values alone if there are few, but enough at each position for the forward pass. */
  @Test
  void unpooledTransposedConvolution() {
    assertUnpooled(true, true, true, unpooled(16, 16, 20));
    assertUnpooled(true, true, true, unpooled(32, 16, 10));
    assertUnpooled(true, true, false, true, unpooled(16, 16, 19));
    assertUnpooled(true, true, false, true, unpooled(16, 16, 1));
    assertUnpooled(false, false, false, unpooled(64, 16, 21));
    assertUnpooled(true, false, false, unpooled(64, 1, 20)); // lanes would idle
    TransposedConvolution.Builder builder = TransposedConvolution.convTranspose1d(2, 64, 16, 40, 5);
    assertUnpooled(true, true, true, builder.build().unpooled(20));
    assertUnpooled(true, false, false, builder.dilation(2).build().unpooled(20));
    assertUnpooled(true, false, false, builder.dilation(1).groups(2).build().unpooled(20));
  }
}
