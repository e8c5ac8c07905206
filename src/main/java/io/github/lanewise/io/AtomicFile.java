package io.github.lanewise.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a file so that it is there whole or not at all: into a temporary file beside it, which
 * then takes its name. Whoever reads the name meanwhile sees the old content or the new one.
 */
public final class AtomicFile {

  /** What writes the content. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the whole content; the stream is buffered and must not be closed.
     *
     * @param out where to write
     * @throws IOException if that fails: the file is then left as it was
     */
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes {@code content} to {@code file}, replacing what is there. The directory must exist. If
   * {@code content} or the writing fails, {@code file} is untouched and no temporary file is left.
   *
   * @param file the file to write
   * @param content writes the content
   * @throws IOException if {@code content} throws it, or if the file cannot be written
   */
  public static void write(Path file, Content content) throws IOException {
    // Not Files.createTempFile: it makes the file readable to its owner only, and so would be the
    // result.
    String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path temporary = file.resolveSibling("." + file.getFileName() + "." + random + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        content.writeTo(out);
        out.flush();
        // Else a power cut after the move could leave the name on an empty file.
        channel.force(true);
      }
      moveOver(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void moveOver(Path temporary, Path file) throws IOException {
    try {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
