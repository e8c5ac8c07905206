package io.github.lanewise.mnist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What went wrong, in words for the user. */
final class Failure {
  private Failure() {}

  /** A line about what the user can mend, or null for anything else: a mistake of ours. */
  static String line(Exception e) {
    if (e instanceof UncheckedIOException) {
      return line(((UncheckedIOException) e).getCause());
    }
    if (e instanceof FileSystemException && ((FileSystemException) e).getReason() == null) {
      FileSystemException file = (FileSystemException) e;
      return "cannot read or write " + file.getFile() + ": " + reason(file);
    }
    if (e instanceof IOException
        || e instanceof IllegalArgumentException
        || e instanceof IllegalStateException) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }
    return null;
  }

  /** Why a file cannot be read or written; some exceptions say in their message only the file. */
  static String reason(IOException e) {
    if (!(e instanceof FileSystemException)) {
      return e.getMessage();
    }
    String reason = ((FileSystemException) e).getReason();
    if (reason != null) {
      return reason;
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "already exists";
    }
    if (e instanceof NotDirectoryException) {
      return "not a directory";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "directory not empty";
    }
    return e.getClass().getSimpleName();
  }
}
