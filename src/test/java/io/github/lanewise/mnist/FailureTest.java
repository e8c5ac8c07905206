package io.github.lanewise.mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void aFileIsNeverAllThatIsSaid() {
    checkFile("permission denied", new AccessDeniedException("f"));
    checkFile("no such file", new NoSuchFileException("f"));
    checkFile("already exists", new FileAlreadyExistsException("f"));
    checkFile("not a directory", new NotDirectoryException("f"));
    checkFile("directory not empty", new DirectoryNotEmptyException("f"));
    checkFile("FileSystemLoopException", new FileSystemLoopException("f"));
  }

  private static void checkFile(String reason, FileSystemException e) {
    assertEquals(reason, Failure.reason(e));
    assertEquals("cannot read or write f: " + reason, Failure.line(e));
  }

  @Test
  void whatSaysMoreIsLeftAsItIs() {
    FileSystemException full = new FileSystemException("f", null, "No space left on device");
    assertEquals("No space left on device", Failure.reason(full));
    assertEquals("f: No space left on device", Failure.line(full));
    assertEquals("f is short", Failure.reason(new IOException("f is short")));
    for (Exception e :
        new Exception[] {
          new FileNotFoundException("text"),
          new IllegalArgumentException("text"),
          new IllegalStateException("text")
        }) {
      assertEquals("text", Failure.line(e));
    }
    assertEquals("java.io.IOException", Failure.line(new IOException()));
    assertNull(Failure.line(new ArithmeticException("a mistake of ours")));
  }
}
