package io.github.lanewise.internal;

/**
 * One step of Adam or AdamW on {@code size} parameters; what changes from step to step, the step
 * size and the bias correction, arrives in {@link Operands}.
 *
 * @param decay what a parameter is multiplied by first: {@code 1 - lr · weight_decay} in AdamW, 1
 *     in Adam
 * @param weightDecay share of the parameter added to the gradient: 0 in AdamW
 */
public record AdamProblem(
    int size,
    float beta1,
    float oneMinusBeta1,
    float beta2,
    float oneMinusBeta2,
    float eps,
    float decay,
    float weightDecay,
    boolean amsgrad) {}
