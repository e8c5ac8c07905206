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

  /** May be {@code null}: no bias. */
  public float[] bias;

  public int biasAt;
  public float[] output;
  public int outputAt;
  public float[] gradOutput;
  public int gradOutputAt;
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

  /** Forgets the arrays, so that a workspace keeps none of its caller's memory alive. */
  public void clear() {
    input = weight = bias = output = gradOutput = gradInput = gradWeight = gradBias = null;
    indices = null;
  }
}
