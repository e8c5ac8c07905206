package io.github.lanewise.internal;

/**
 * The arrays of one call by PyTorch's names, each with the index where its data begins. A workspace
 * keeps one of these and fills it anew for each call, so that a call allocates nothing; an
 * operation uses the slots it needs.
 */
public final class Operands {
  public float[] input;
  public int inputAt;
  public float[] weight;
  public int weightAt;

  /**
   * May be {@code null}: the kernels pack the weights. Else they are packed there, from {@link
   * CacheLine#FIRST} on.
   */
  public float[] packedWeights;

  /** May be {@code null}: no bias. */
  public float[] bias;

  public int biasAt;
  public float[] output;
  public int outputAt;
  public float[] gradOutput;
  public int gradOutputAt;

  /**
   * Of each channel, the sum of gradOutput over the elements that no array holds; {@code null}: 0.
   */
  public float[] gradZeros;

  public int gradZerosAt;
  public float[] gradInput;
  public int gradInputAt;
  public float[] gradWeight;
  public int gradWeightAt;

  /** May be {@code null}: no bias gradient is wanted. */
  public float[] gradBias;

  public int gradBiasAt;

  /** Pooling's indices, flat within the plane. */
  public int[] indices;

  public int indicesAt;

  /** The value of unpooled elements that no index names. May be {@code null}: 0. */
  public float[] fillValue;

  public int fillValueAt;

  /** May be {@code null}: that gradient is not wanted. */
  public float[] gradFillValue;

  public int gradFillValueAt;

  public float[] target;
  public int targetAt;

  /** The mean of each channel: saved by batch normalisation's forward pass, or running. */
  public float[] mean;

  public int meanAt;

  /** {@code 1 / √(variance + eps)} of each channel, saved by batch normalisation. */
  public float[] invStd;

  public int invStdAt;

  /** May be {@code null} when training: running statistics are not wanted. */
  public float[] runningMean;

  public int runningMeanAt;

  /** Present when {@link #runningMean} is. */
  public float[] runningVar;

  public int runningVarAt;

  /** Weight of the new value in the running statistics. */
  public double momentum;

  /**
   * What batch normalisation leaves in place of its output, or of its gradient: four numbers a
   * channel, which {@link Normalization} explains. {@code null}: it computes these themselves.
   */
  public double[] coefficients;

  /** What to do with the input while it is read. May be {@code null}: nothing. */
  public Normalization inputNormalization;

  /** The same for gradOutput where a transposed convolution has its input there. */
  public Normalization gradOutputNormalization;

  /**
   * May be {@code null}: gradOutput is what it is. Else it is the gradient of a batch
   * normalisation's output, and the one meant is the gradient of the normalisation's input.
   */
  public Normalization gradientNormalization;

  /** The input of that batch normalisation. */
  public float[] normalizedInput;

  public int normalizedInputAt;

  /** May be {@code null}: all ones. */
  public float[] posWeight;

  public int posWeightAt;

  /** What the gradient of each term of a reduced loss is multiplied by. */
  public double scale;

  /** A result: the total of a sum. */
  public double sum;

  public float[] param;
  public int paramAt;
  public float[] grad;
  public int gradAt;

  /** Adam's first moment, SGD's momentum buffer. */
  public float[] expAvg;

  public int expAvgAt;

  /** Adam's second moment. */
  public float[] expAvgSq;

  public int expAvgSqAt;

  /** The largest second moment so far, of amsgrad only. */
  public float[] maxExpAvgSq;

  public int maxExpAvgSqAt;

  /** Adam's learning rate divided by the first moment's bias correction. */
  public float stepSize;

  /** What Adam multiplies the root of the second moment by: its bias correction. */
  public float rootScale;

  /** Whether this is an optimiser's first step. */
  public boolean firstStep;

  /** Seed of random bits. */
  public long seed;

  /** Where the packed weights are: in scratch memory, unless they came packed. */
  public float[] packedWeights(float[] scratch) {
    return packedWeights == null ? scratch : packedWeights;
  }

  /** Where they begin. */
  public int packedWeightsAt(int shared) {
    return packedWeights == null ? shared : CacheLine.FIRST;
  }

  /** Forgets the arrays, so that a workspace keeps none of its caller's memory alive. */
  public void clear() {
    input = weight = bias = output = gradOutput = gradInput = gradWeight = gradBias = null;
    gradZeros = null;
    indices = null;
    fillValue = gradFillValue = null;
    target = mean = invStd = runningMean = runningVar = posWeight = null;
    coefficients = null;
    packedWeights = null;
    inputNormalization = gradOutputNormalization = gradientNormalization = null;
    normalizedInput = null;
    param = grad = expAvg = expAvgSq = maxExpAvgSq = null;
  }
}
