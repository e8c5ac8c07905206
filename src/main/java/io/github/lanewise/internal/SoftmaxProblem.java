package io.github.lanewise.internal;

/** Softmax of an array (batch, channels, plane) over its channels, or the gradient. */
public record SoftmaxProblem(boolean log, boolean backward, int batch, int channels, int plane) {}
