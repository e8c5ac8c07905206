package io.github.lanewise.internal;

/**
 * One step of stochastic gradient descent on {@code size} parameters.
 *
 * @param oneMinusDampening share of the gradient that enters the momentum buffer
 */
public record SgdProblem(
    int size,
    float lr,
    float momentum,
    float oneMinusDampening,
    float weightDecay,
    boolean nesterov) {}
