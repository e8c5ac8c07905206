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
    return switch (e) {
      case UncheckedIOException unchecked -> line(unchecked.getCause());
      case FileSystemException file when file.getReason() == null ->
          "cannot read or write " + file.getFile() + ": " + reason(file);
      case IOException io -> message(io);
      case IllegalArgumentException argument -> message(argument);
      case IllegalStateException state -> message(state);
      default -> null;
    };
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Why a file cannot be read or written; some exceptions say in their message only the file. */
  static String reason(IOException e) {
    return switch (e) {
      case FileSystemException file when file.getReason() != null -> file.getReason();
      case AccessDeniedException denied -> "permission denied";
      case NoSuchFileException missing -> "no such file";
      case FileAlreadyExistsException present -> "already exists";
      case NotDirectoryException other -> "not a directory";
      case DirectoryNotEmptyException full -> "directory not empty";
      case FileSystemException other -> other.getClass().getSimpleName();
      default -> e.getMessage();
    };
  }
}
