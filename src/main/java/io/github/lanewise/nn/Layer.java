package io.github.lanewise.nn;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.io.Dtype;
import io.github.lanewise.io.Safetensors;
import io.github.lanewise.kernel.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * A part of a network, as {@code torch.nn.Module}: parameters, buffers, smaller layers, a forward
 * pass and a backward pass written by hand.
 *
 * <p>{@code forward} keeps what {@code backward} needs; {@code backward} takes the gradient of the
 * loss with respect to the output of the latest {@code forward}, adds to the gradients of the
 * parameters, and returns the gradient with respect to the input. So a layer stands in one place of
 * a network only.
 *
 * <p>The tensors that {@code forward} and {@code backward} return belong to the layer and are
 * overwritten by its next call; an input must stay as it is until the backward pass. In return
 * nothing is allocated as long as the shape of the input stays the same.
 *
 * <p>A layer is not for several threads at once; its kernels use the threads of its {@link
 * #workspace(Workspace) workspace}.
 *
 * <p>A network of one's own extends this class:
 *
 * {@snippet :
 * final class Net extends Layer {
 *   private final Conv2d conv1 = add("conv1", new Conv2d(1, 16, 3));
 *   private final ReLU relu = add("relu", new ReLU());
 *
 *   public Tensor forward(Tensor input) {
 *     return relu.forward(conv1.forward(input));
 *   }
 *
 *   public Tensor backward(Tensor gradOutput) {
 *     return conv1.backward(relu.backward(gradOutput));
 *   }
 * }
 * }
 */
public abstract class Layer {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Counter> counters = new LinkedHashMap<>();
  private final Map<String, Layer> children = new LinkedHashMap<>();
  private Workspace workspace;
  private boolean training = true;
  private boolean inputGradient = true;
  private boolean hasParent;

  /** An integer in the state, such as BatchNorm's {@code num_batches_tracked}. */
  static final class Counter {
    long value;
  }

  /** For subclasses. */
  protected Layer() {}

  /**
   * Computes the output.
   *
   * @param input the input, batch first
   * @return the output, valid until the next call
   * @throws IllegalArgumentException if the layer does not take this shape
   */
  public abstract Tensor forward(Tensor input);

  /**
   * Computes the gradients, after {@link #forward}.
   *
   * @param gradOutput gradient of the loss with respect to the latest output
   * @return gradient with respect to the input, valid until the next call; {@code null} if it is
   *     not wanted ({@link #inputGradient})
   * @throws IllegalArgumentException if the shape is not that of the latest output
   * @throws IllegalStateException if there was no forward pass, or if the latest one threw
   */
  public abstract Tensor backward(Tensor gradOutput);

  /**
   * Makes a layer part of this one.
   *
   * @param name its name, the first part of the names of its parameters
   * @param layer the layer
   * @param <L> its type
   * @return {@code layer}
   * @throws IllegalArgumentException if the name is null or empty, has a dot or is taken, or if the
   *     layer is null or part of another one already
   */
  protected final <L extends Layer> L add(String name, L layer) {
    checkName(name);
    Checks.present(name, layer);
    Layer child = layer; // L's private fields are out of reach, Layer's are not
    if (child.hasParent || child == this) {
      throw new IllegalArgumentException(
          name + ": this " + layer + " is part of a network already; make another one");
    }
    child.hasParent = true;
    if (workspace != null) {
      child.workspace(workspace);
    }
    children.put(name, child);
    return layer;
  }

  /**
   * Makes a parameter part of this layer.
   *
   * @param name its name
   * @param parameter the parameter
   * @return {@code parameter}
   * @throws IllegalArgumentException if the name is null or empty, has a dot or is taken, or if the
   *     parameter is null
   */
  protected final Parameter add(String name, Parameter parameter) {
    checkName(name);
    parameters.put(name, Checks.present(name, parameter));
    return parameter;
  }

  /**
   * Makes a tensor part of the layer's state that is saved but not trained.
   *
   * @param name its name
   * @param buffer the tensor
   * @return {@code buffer}
   * @throws IllegalArgumentException if the name is null or empty, has a dot or is taken, or if the
   *     buffer is null
   */
  protected final Tensor addBuffer(String name, Tensor buffer) {
    checkName(name);
    buffers.put(name, Checks.present(name, buffer));
    return buffer;
  }

  final Counter addCounter(String name) {
    checkName(name);
    Counter counter = new Counter();
    counters.put(name, counter);
    return counter;
  }

  private void checkName(String name) {
    if (Checks.present("name", name).isEmpty() || name.contains(".")) {
      throw new IllegalArgumentException(
          "name is \"" + name + "\" but must be non-empty and without a dot");
    }
    if (parameters.containsKey(name)
        || buffers.containsKey(name)
        || counters.containsKey(name)
        || children.containsKey(name)) {
      throw new IllegalArgumentException("name \"" + name + "\" is taken");
    }
  }

  /** Switches this layer and all in it to training: dropout drops, BatchNorm takes the batch's. */
  public final void train() {
    train(true);
  }

  /** Switches this layer and all in it to evaluation. */
  public final void eval() {
    train(false);
  }

  private void train(boolean mode) {
    training = mode;
    children.values().forEach(child -> child.train(mode));
  }

  /**
   * Whether the layer trains, as it does at first.
   *
   * @return false after {@link #eval}
   */
  public final boolean isTraining() {
    return training;
  }

  /**
   * Says whether {@link #backward} shall compute the gradient with respect to the input, which the
   * first layer of a network can spare. The first layer that was added is told too; a network whose
   * input goes elsewhere overrides this.
   *
   * @param wanted true at first
   */
  public void inputGradient(boolean wanted) {
    inputGradient = wanted;
    if (!children.isEmpty()) {
      children.values().iterator().next().inputGradient(wanted);
    }
  }

  /**
   * Whether {@link #backward} shall compute the gradient with respect to the input.
   *
   * @return what {@link #inputGradient(boolean)} said
   */
  public final boolean inputGradient() {
    return inputGradient;
  }

  /**
   * Lends scratch memory and threads to this layer and all in it. Without this, a layer works in
   * the calling thread.
   *
   * @param workspace what to use from now on; {@code null}: new ones of their own, without threads
   */
  public final void workspace(Workspace workspace) {
    this.workspace = workspace;
    children.values().forEach(child -> child.workspace(workspace));
  }

  /**
   * The workspace that the kernels of this layer shall use.
   *
   * @return the one that was lent, else one of the layer's own
   */
  protected final Workspace workspace() {
    if (workspace == null) {
      workspace = new Workspace();
    }
    return workspace;
  }

  /**
   * All parameters, in the order and by the names of PyTorch's {@code named_parameters}: the
   * layer's own ones, then those of each layer in it, in the order in which they were added; {@code
   * encode1.0.weight} is the weight of layer {@code 0} of layer {@code encode1}.
   *
   * @return a new map
   */
  public final Map<String, Parameter> namedParameters() {
    Map<String, Parameter> all = new LinkedHashMap<>();
    visit("", (prefix, layer) -> layer.parameters.forEach((n, p) -> all.put(prefix + n, p)));
    return all;
  }

  /**
   * All parameters in the order of {@link #namedParameters}.
   *
   * @return a new list
   */
  public final List<Parameter> parameters() {
    return new ArrayList<>(namedParameters().values());
  }

  /**
   * The tensors that are saved but not trained, such as {@code encode1.1.running_mean}, in the
   * order of {@link #namedParameters}.
   *
   * @return a new map
   */
  public final Map<String, Tensor> namedBuffers() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    visit("", (prefix, layer) -> layer.buffers.forEach((n, t) -> all.put(prefix + n, t)));
    return all;
  }

  private void visit(String prefix, BiConsumer<String, Layer> visitor) {
    visitor.accept(prefix, this);
    children.forEach((name, child) -> child.visit(prefix + name + ".", visitor));
  }

  /** Forgets the gradients of all parameters. */
  public final void zeroGrad() {
    parameters.values().forEach(Parameter::zeroGrad);
    children.values().forEach(Layer::zeroGrad);
  }

  /**
   * Draws all parameters anew from PyTorch's initial distribution and resets the buffers. New
   * layers are initialised already, each differently; after this call the values depend on the seed
   * alone.
   *
   * <p>Weights and biases of convolutions, transposed convolutions and linear layers are uniform in
   * ±1/√fan_in, where fan_in is the product of the weight's shape without its first axis. Element i
   * of the parameter at place j of {@link #namedParameters} is {@code (2u − 1) / √fan_in} with
   * {@code u = (z >>> 40) / 2^24}, {@code z = mix(mix(mix(seed) ^ j) + (i + 1) ·
   * 0x9E3779B97F4A7C15)} and SplitMix64's {@code mix}.
   *
   * @param seed any number
   */
  public final void initialize(long seed) {
    List<Layer> layers = new ArrayList<>();
    visit("", (prefix, layer) -> layers.add(layer));
    long stream = 0;
    for (Parameter parameter : parameters()) {
      parameter.initialize(seed, stream++);
    }
    for (Layer layer : layers) {
      layer.reset(Initializer.seed(seed, stream++));
    }
  }

  /** Sets what is no parameter to what it is in a new layer; the seed is for this layer alone. */
  void reset(long seed) {}

  /**
   * A copy of all parameters and buffers, in the order and by the names of PyTorch's {@code
   * state_dict}.
   *
   * @return tensors of type F32, and I64 for {@code num_batches_tracked}
   */
  public final Safetensors stateDict() {
    return stateDict(Safetensors.builder()).build();
  }

  /**
   * Adds a copy of all parameters and buffers to what shall be saved, for example to metadata.
   *
   * @param builder takes the tensors
   * @return {@code builder}
   */
  public final Safetensors.Builder stateDict(Safetensors.Builder builder) {
    visit(
        "",
        (prefix, layer) -> {
          layer.parameters.forEach((name, p) -> add(builder, prefix + name, p.data()));
          layer.buffers.forEach((name, t) -> add(builder, prefix + name, t));
          layer.counters.forEach((name, c) -> builder.add(prefix + name, new long[] {c.value}));
        });
    return builder;
  }

  private static void add(Safetensors.Builder builder, String name, Tensor tensor) {
    float[] data = tensor.data();
    builder.add(
        name,
        data.length == tensor.elements() ? data : Arrays.copyOf(data, tensor.elements()),
        Arrays.stream(tensor.shape()).asLongStream().toArray());
  }

  /**
   * Takes all parameters and buffers from a file's content, and forgets the gradients. If anything
   * is wrong, nothing is changed.
   *
   * @param state what {@link #stateDict} gave, or PyTorch saved
   * @throws IllegalArgumentException if a name is missing or unknown, or if a shape or type is not
   *     that of this layer; the message lists every such name
   */
  public final void loadStateDict(Safetensors state) {
    List<String> mistakes = new ArrayList<>();
    List<Runnable> copies = new ArrayList<>();
    Set<String> unexpected = new TreeSet<>(Checks.present("state", state).tensors().keySet());
    visit(
        "",
        (prefix, layer) -> {
          Map<String, Tensor> tensors = new LinkedHashMap<>();
          layer.parameters.forEach((name, p) -> tensors.put(name, p.data()));
          tensors.putAll(layer.buffers);
          tensors.forEach(
              (name, target) -> {
                Safetensors.Tensor source = state.tensors().get(prefix + name);
                unexpected.remove(prefix + name);
                if (matches(prefix + name, source, Dtype.F32, target.shape(), mistakes)) {
                  float[] values = source.floats();
                  copies.add(() -> System.arraycopy(values, 0, target.data(), 0, values.length));
                }
              });
          layer.counters.forEach(
              (name, counter) -> {
                Safetensors.Tensor source = state.tensors().get(prefix + name);
                unexpected.remove(prefix + name);
                if (matches(prefix + name, source, Dtype.I64, new int[0], mistakes)) {
                  long value = source.longs()[0];
                  copies.add(() -> counter.value = value);
                }
              });
        });
    unexpected.forEach(name -> mistakes.add(name + " is unexpected"));
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(
          "the state does not fit this network: " + String.join("; ", mistakes));
    }
    copies.forEach(Runnable::run);
    zeroGrad();
  }

  private static boolean matches(
      String name, Safetensors.Tensor source, Dtype dtype, int[] shape, List<String> mistakes) {
    if (source == null) {
      mistakes.add(name + " is missing");
    } else if (source.dtype() != dtype) {
      mistakes.add(name + " is of type " + source.dtype() + " but must be " + dtype);
    } else if (!Arrays.equals(source.shape(), Arrays.stream(shape).asLongStream().toArray())) {
      mistakes.add(
          name
              + " has shape "
              + Arrays.toString(source.shape())
              + " but must have "
              + Arrays.toString(shape));
    } else {
      return true;
    }
    return false;
  }

  /** As PyTorch prints it: the name with the arguments, and the layers within. */
  @Override
  public String toString() {
    if (children.isEmpty()) {
      return getClass().getSimpleName() + "(" + arguments() + ")";
    }
    StringBuilder text = new StringBuilder(getClass().getSimpleName()).append("(\n");
    children.forEach(
        (name, child) ->
            text.append("  (")
                .append(name)
                .append("): ")
                .append(child.toString().replace("\n", "\n  "))
                .append('\n'));
    return text.append(')').toString();
  }

  /**
   * The constructor's arguments as PyTorch prints them, for {@link #toString} and messages.
   *
   * @return empty if there are none
   */
  protected String arguments() {
    return "";
  }
}
