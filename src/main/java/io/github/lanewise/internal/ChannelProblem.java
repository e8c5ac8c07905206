package io.github.lanewise.internal;

/** An array (batch, channels, plane), worked on channel by channel. */
public record ChannelProblem(int batch, int channels, int plane) {
  /** Elements of the array. */
  public int size() {
    return batch * channels * plane;
  }
}
