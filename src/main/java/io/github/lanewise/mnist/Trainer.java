package io.github.lanewise.mnist;

import io.github.lanewise.data.Batches;
import io.github.lanewise.data.ImageDataset;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.nn.Adam;
import io.github.lanewise.nn.Layer;
import io.github.lanewise.nn.MSELoss;
import io.github.lanewise.nn.Tensor;
import java.util.function.BooleanSupplier;

/** Trains one of the networks: mean squared error, Adam, batches shuffled anew every epoch. */
final class Trainer {
  private static final int WARM_UP_BATCH = 10;

  private final Settings settings;
  private final Workspace workspace;
  private final Layer network;
  private final MSELoss loss;

  /**
   * What a run depends on, beside the images.
   *
   * @param maxSteps where the run ends if the epochs have not ended before
   * @param noise standard deviation of Gaussian noise on the input
   */
  record Settings(
      Model model, int epochs, int batchSize, double lr, long seed, long maxSteps, double noise) {}

  /** Hears of each step. */
  interface Listener {
    /**
     * A step is done.
     *
     * @param step its number in the run, from 1
     * @param epoch the number of its epoch, from 1
     * @param stepInEpoch its number in the epoch, from 1
     * @param loss the loss before the update
     * @param millis time of forward pass, loss, backward pass and update
     */
    void step(long step, int epoch, int stepInEpoch, float loss, double millis);
  }

  /** A trainer of a new network, whose initial values follow from the seed. */
  Trainer(Settings settings, Workspace workspace) {
    this.settings = settings;
    this.workspace = workspace;
    network = settings.model().network();
    network.initialize(settings.seed());
    network.inputGradient(false);
    network.workspace(workspace);
    loss = new MSELoss();
    loss.workspace(workspace);
  }

  /** The network, in training. */
  Layer network() {
    return network;
  }

  /** Trains until the epochs or the steps are over. */
  void train(ImageDataset data, Listener listener) {
    Batches batches = new Batches(data, settings.batchSize(), settings.seed());
    Task task = new Task(settings.model(), settings.batchSize(), settings.noise(), settings.seed());
    Adam adam = adam();
    network.train();
    long step = 0;
    for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
      batches.startEpoch(epoch);
      int n;
      for (int i = 1; (n = batches.next(task.images(), null)) > 0; i++) {
        task.prepare(n);
        long start = System.nanoTime();
        float value = step(adam, task);
        double millis = (System.nanoTime() - start) / 1e6;
        step++;
        listener.step(step, epoch, i, value, millis);
        if (step == settings.maxSteps()) {
          return;
        }
      }
    }
  }

  /** A new optimiser for the network. */
  Adam adam() {
    Adam adam = Adam.of(network.parameters()).lr(settings.lr()).build();
    adam.workspace(workspace);
    return adam;
  }

  /** One step; returns the loss before it. */
  float step(Adam adam, Task task) {
    adam.zeroGrad();
    float value = loss.forward(network.forward(task.input()), task.target());
    network.backward(loss.backward());
    adam.step();
    return value;
  }

  /**
   * Trains a network that is thrown away, so that the JVM has compiled some of the kernels when the
   * real training begins. Vector code is very slow until then.
   */
  static void warmUp(Model model, Workspace workspace, BooleanSupplier enough) {
    Trainer trainer = new Trainer(new Settings(model, 1, WARM_UP_BATCH, 1e-3, 0, 1, 0), workspace);
    Task task = new Task(model, WARM_UP_BATCH, 0, 0);
    task.prepare(WARM_UP_BATCH);
    Adam adam = trainer.adam();
    while (!enough.getAsBoolean()) {
      trainer.step(adam, task);
    }
  }

  /** The mean squared error over all pixels of a set, in evaluation. */
  double evaluate(ImageDataset data) {
    int batchSize = Math.min(settings.batchSize(), data.size());
    Batches batches = new Batches(data, batchSize);
    Task task = new Task(settings.model(), batchSize, settings.noise(), ~settings.seed());
    network.eval();
    double sum = 0;
    for (int n; (n = batches.next(task.images(), null)) > 0; ) {
      task.prepare(n);
      Tensor output = network.forward(task.input());
      sum += loss.forward(output, task.target()) * n;
    }
    network.train();
    return sum / data.size();
  }
}
