/**
 * Training data: IDX files, MNIST with its download and cache, built-in digits, batches.
 *
 * <p>{@link io.github.lanewise.data.DataSource} finds the data, {@link
 * io.github.lanewise.data.ImageDataset} is what it gives, {@link io.github.lanewise.data.Batches}
 * cuts it into batches:
 *
 * {@snippet :
 * DataSource source = DataSource.resolve(null, false, 0);
 * Batches batches = new Batches(source.load(Split.TRAIN), 100, 0);
 * float[] images = new float[batches.imageFloats()];
 * int[] labels = new int[batches.batchSize()];
 * batches.startEpoch(1);
 * for (int n; (n = batches.next(images, labels)) > 0; ) {
 *   // n images, (n, 1, height, width), row-major, each value in [0, 1]
 * }
 * }
 *
 * <p>A file that is corrupt or too large is refused with an {@link java.io.IOException} whose
 * message starts with the file's name and says what is wrong; nothing else is thrown for bad
 * content. A wrong argument is an {@link java.lang.IllegalArgumentException}.
 */
package io.github.lanewise.data;
