package io.github.lanewise.jmh;

import io.github.lanewise.mnist.NetworkStep;
import org.openjdk.jmh.annotations.Param;

/** Whole training steps of the four networks. */
public class TrainingStepBenchmark extends TaskBenchmark {
  /** The network. */
  @Param({"pool", "conv", "dae", "ae1d"})
  public String model;

  /** Images in a batch. */
  @Param("100")
  public int batch;

  @Override
  Limit limit() {
    return null;
  }

  @Override
  Task task() {
    return arm() == Arm.PYTORCH
        ? Peer.instance().trainingStep(model, batch)
        : new NetworkStep(model, batch);
  }
}
