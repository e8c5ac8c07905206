/**
 * Files: {@link io.github.lanewise.io.Safetensors} for named tensors, {@link
 * io.github.lanewise.io.ImageGrid} for pictures of a batch.
 *
 * <p>A file that is corrupt or too large is refused with an {@link java.io.IOException} whose
 * message starts with the file's name and says what is wrong; nothing else is thrown for bad
 * content. A wrong argument is an {@link java.lang.IllegalArgumentException}. Everything here
 * writes through {@link io.github.lanewise.io.AtomicFile}: a file is there whole or not at all.
 */
package io.github.lanewise.io;
