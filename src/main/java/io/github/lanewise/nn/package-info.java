/**
 * A thin layer API over the kernels, with PyTorch's names: layers with hand-written backward
 * passes, losses and optimisers.
 *
 * {@snippet :
 * Sequential model =
 *     new Sequential(
 *         Conv2d.of(1, 16, 3).padding(1).build(), new ReLU(), new Flatten(), new Linear(12544, 10));
 * model.initialize(0);
 * CrossEntropyLoss loss = new CrossEntropyLoss();
 * Adam optimizer = Adam.of(model.parameters()).lr(1e-3).build();
 * model.workspace(new Workspace(Parallelism.of(executor, 8)));
 *
 * optimizer.zeroGrad();
 * double value = loss.forward(model.forward(images), labels);
 * model.backward(loss.backward());
 * optimizer.step();
 *
 * model.stateDict().write(Path.of("model.safetensors"));
 * }
 *
 * <p>A layer with optional arguments has a constructor for the required ones and a builder, {@code
 * of(...)}, for all. A wrong argument, or an input of a shape that a layer does not take, is an
 * {@link java.lang.IllegalArgumentException} that names the layer and the shapes.
 */
package io.github.lanewise.nn;
