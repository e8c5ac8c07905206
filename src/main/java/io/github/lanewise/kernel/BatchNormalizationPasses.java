package io.github.lanewise.kernel;

import io.github.lanewise.internal.BatchNormalizationProblem;
import io.github.lanewise.internal.BatchNormalizationProblem.Pass;
import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Implementation;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/** The passes of a batch normalisation, with the checks of their arrays. */
final class BatchNormalizationPasses {
  /** Elements of the input. */
  final int size;

  final boolean reluInput;
  final boolean reluOutput;
  final int channels;
  private final int batch;
  private final int plane;
  private final int zeros;
  private final Step forwardTraining;
  private final Step forwardEval;
  private final Step backwardTraining;
  private final Step backwardEval;

  /** A pass with the implementation chosen for it. */
  private record Step(String name, Kernel[] kernels) {
    static Step of(Pass pass, BatchNormalization.Builder b) {
      var problem =
          new BatchNormalizationProblem(
              pass, b.batch, b.channels, b.plane, b.zeros, b.eps, b.reluInput, b.reluOutput);
      var implementation = Implementation.first(Backend.KERNELS.batchNormalization(), problem);
      return new Step(implementation.name(), implementation.kernels(problem));
    }
  }

  BatchNormalizationPasses(BatchNormalization.Builder b) {
    batch = b.batch;
    channels = b.channels;
    plane = b.plane;
    zeros = b.zeros;
    reluInput = b.reluInput;
    reluOutput = b.reluOutput;
    size = Checks.size("input", batch, channels, plane);
    Checks.range("zeros", zeros, 0, Integer.MAX_VALUE / batch - plane);
    if (zeros > 0 && reluOutput) {
      throw new IllegalArgumentException(
          "zeros is " + zeros + " but must be 0 with relu_output: no array holds their outputs");
    }
    forwardTraining = Step.of(Pass.FORWARD_TRAINING, b);
    forwardEval = Step.of(Pass.FORWARD_EVAL, b);
    backwardTraining = Step.of(Pass.BACKWARD_TRAINING, b);
    backwardEval = Step.of(Pass.BACKWARD_EVAL, b);
  }

  long workspaceSize(Parallelism parallelism) {
    int width = Parallelism.width(parallelism);
    return Math.max(
        Math.max(
            Workspace.need(forwardTraining.kernels, width),
            Workspace.need(forwardEval.kernels, width)),
        Math.max(
            Workspace.need(backwardTraining.kernels, width),
            Workspace.need(backwardEval.kernels, width)));
  }

  boolean hasShape(int batch, int channels, int plane) {
    return batch == this.batch && channels == this.channels && plane == this.plane;
  }

  /** Of the input. */
  int[] shape() {
    return new int[] {batch, channels, plane};
  }

  boolean isFusable() {
    return plane > 1 && zeros == 0 && !reluOutput;
  }

  String describe() {
    return "forward training "
        + forwardTraining.name
        + ", forward eval "
        + forwardEval.name
        + ", backward training "
        + backwardTraining.name
        + ", backward eval "
        + backwardEval.name;
  }

  void forwardTraining(
      float[] input,
      int inputOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] output,
      int outputOffset,
      float[] savedMean,
      int savedMeanOffset,
      float[] savedInvStd,
      int savedInvStdOffset,
      float[] runningMean,
      int runningMeanOffset,
      float[] runningVar,
      int runningVarOffset,
      double momentum,
      double[] coefficients,
      Workspace workspace) {
    checkCount();
    Checks.range("momentum", momentum, 0.0, 1.0);
    if ((runningMean == null) != (runningVar == null)) {
      throw new IllegalArgumentException(
          "running_mean and running_var must be given both or neither, but "
              + (runningMean == null ? "running_mean" : "running_var")
              + " is null");
    }
    Arguments arguments =
        Workspace.begin(workspace)
            .reads("input", input, inputOffset, size)
            .mayRead("weight", weight, weightOffset, channels)
            .mayRead("bias", bias, biasOffset, channels)
            .writes("saved_mean", savedMean, savedMeanOffset, channels)
            .writes("saved_inv_std", savedInvStd, savedInvStdOffset, channels)
            .mayWrite("running_mean", runningMean, runningMeanOffset, channels)
            .mayWrite("running_var", runningVar, runningVarOffset, channels);
    if (coefficients == null) {
      arguments.writes("output", output, outputOffset, size);
    }
    Operands a = arguments.operands();
    a.input = input;
    a.inputAt = inputOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    a.output = output;
    a.outputAt = outputOffset;
    a.mean = savedMean;
    a.meanAt = savedMeanOffset;
    a.invStd = savedInvStd;
    a.invStdAt = savedInvStdOffset;
    a.runningMean = runningMean;
    a.runningMeanAt = runningMeanOffset;
    a.runningVar = runningVar;
    a.runningVarAt = runningVarOffset;
    a.momentum = momentum;
    a.coefficients = coefficients;
    workspace.run(forwardTraining.kernels);
  }

  /** One value has no variance: its normalised value would be 0 whatever it is. */
  private void checkCount() {
    if (batch * (plane + zeros) == 1) {
      throw new IllegalArgumentException(
          "expected more than 1 value per channel when training, got input of shape (batch "
              + batch
              + ", channels "
              + channels
              + ", plane "
              + plane
              + ")");
    }
  }

  void forwardEval(
      float[] input,
      int inputOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      float[] runningMean,
      int runningMeanOffset,
      float[] runningVar,
      int runningVarOffset,
      float[] output,
      int outputOffset,
      double[] coefficients,
      Workspace workspace) {
    Arguments arguments =
        Workspace.begin(workspace)
            .mayRead("weight", weight, weightOffset, channels)
            .mayRead("bias", bias, biasOffset, channels)
            .reads("running_mean", runningMean, runningMeanOffset, channels)
            .reads("running_var", runningVar, runningVarOffset, channels);
    if (coefficients == null) {
      arguments
          .reads("input", input, inputOffset, size)
          .writes("output", output, outputOffset, size);
    }
    Operands a = arguments.operands();
    a.coefficients = coefficients;
    a.input = input;
    a.inputAt = inputOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.bias = bias;
    a.biasAt = biasOffset;
    a.runningMean = runningMean;
    a.runningMeanAt = runningMeanOffset;
    a.runningVar = runningVar;
    a.runningVarAt = runningVarOffset;
    a.output = output;
    a.outputAt = outputOffset;
    workspace.run(forwardEval.kernels);
  }

  void backwardTraining(
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradZeros,
      int gradZerosOffset,
      float[] weight,
      int weightOffset,
      float[] savedMean,
      int savedMeanOffset,
      float[] savedInvStd,
      int savedInvStdOffset,
      float[] gradInput,
      int gradInputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      float[] gradBias,
      int gradBiasOffset,
      double[] coefficients,
      Workspace workspace) {
    Arguments arguments =
        Workspace.begin(workspace)
            .reads("saved_mean", savedMean, savedMeanOffset, channels)
            .reads("saved_inv_std", savedInvStd, savedInvStdOffset, channels);
    Operands a =
        backward(
            arguments,
            input,
            inputOffset,
            output,
            outputOffset,
            gradOutput,
            gradOutputOffset,
            gradZeros,
            gradZerosOffset,
            weight,
            weightOffset,
            gradInput,
            gradInputOffset,
            gradWeight,
            gradWeightOffset,
            gradBias,
            gradBiasOffset,
            coefficients,
            workspace);
    a.mean = savedMean;
    a.meanAt = savedMeanOffset;
    a.invStd = savedInvStd;
    a.invStdAt = savedInvStdOffset;
    workspace.run(backwardTraining.kernels);
  }

  void backwardEval(
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradZeros,
      int gradZerosOffset,
      float[] weight,
      int weightOffset,
      float[] runningMean,
      int runningMeanOffset,
      float[] runningVar,
      int runningVarOffset,
      float[] gradInput,
      int gradInputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      float[] gradBias,
      int gradBiasOffset,
      Workspace workspace) {
    Arguments arguments =
        Workspace.begin(workspace)
            .reads("running_mean", runningMean, runningMeanOffset, channels)
            .reads("running_var", runningVar, runningVarOffset, channels);
    Operands a =
        backward(
            arguments,
            input,
            inputOffset,
            output,
            outputOffset,
            gradOutput,
            gradOutputOffset,
            gradZeros,
            gradZerosOffset,
            weight,
            weightOffset,
            gradInput,
            gradInputOffset,
            gradWeight,
            gradWeightOffset,
            gradBias,
            gradBiasOffset,
            null,
            workspace);
    a.runningMean = runningMean;
    a.runningMeanAt = runningMeanOffset;
    a.runningVar = runningVar;
    a.runningVarAt = runningVarOffset;
    workspace.run(backwardEval.kernels);
  }

  /** Checks and fills in what the backward passes share. */
  private Operands backward(
      Arguments arguments,
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      float[] gradOutput,
      int gradOutputOffset,
      float[] gradZeros,
      int gradZerosOffset,
      float[] weight,
      int weightOffset,
      float[] gradInput,
      int gradInputOffset,
      float[] gradWeight,
      int gradWeightOffset,
      float[] gradBias,
      int gradBiasOffset,
      double[] coefficients,
      Workspace workspace) {
    arguments
        .reads("input", input, inputOffset, size)
        .reads("grad_output", gradOutput, gradOutputOffset, size)
        .mayRead("weight", weight, weightOffset, channels);
    if (zeros > 0) {
      arguments.mayRead("grad_zeros", gradZeros, gradZerosOffset, channels);
    }
    if (reluOutput) {
      arguments.reads("output", output, outputOffset, size);
    }
    if (coefficients == null) {
      arguments.writesInPlace("grad_input", gradInput, gradInputOffset, size, "grad_output");
    }
    arguments
        .mayWrite("grad_weight", gradWeight, gradWeightOffset, channels)
        .mayWrite("grad_bias", gradBias, gradBiasOffset, channels);
    Operands a = arguments.operands();
    a.coefficients = coefficients;
    a.input = input;
    a.inputAt = inputOffset;
    a.output = output;
    a.outputAt = outputOffset;
    a.gradOutput = gradOutput;
    a.gradOutputAt = gradOutputOffset;
    a.gradZeros = gradZeros;
    a.gradZerosAt = gradZerosOffset;
    a.weight = weight;
    a.weightAt = weightOffset;
    a.gradInput = gradInput;
    a.gradInputAt = gradInputOffset;
    a.gradWeight = gradWeight;
    a.gradWeightAt = gradWeightOffset;
    a.gradBias = gradBias;
    a.gradBiasAt = gradBiasOffset;
    return a;
  }
}
