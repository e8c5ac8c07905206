package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import java.util.Arrays;

/**
 * Checks the arrays of one call as they are listed: each is long enough, and what is written
 * overlaps nothing else. Reused from call to call, so that checking allocates nothing.
 */
final class Arguments {
  private static final int MOST = 12;

  private final String[] names = new String[MOST];
  private final Object[] arrays = new Object[MOST];
  private final int[] offsets = new int[MOST];
  private final int[] sizes = new int[MOST];
  private final boolean[] written = new boolean[MOST];
  private int count;

  /** Forgets the last call and its arrays. */
  void clear() {
    Arrays.fill(arrays, null);
    count = 0;
  }

  /** Lists an array that is read. */
  Arguments reads(String name, float[] array, int offset, int size) {
    Checks.array(name, array, offset, size);
    add(name, array, offset, size, false);
    return this;
  }

  /** Lists an array of indices that is read. */
  Arguments reads(String name, int[] array, int offset, int size) {
    Checks.array(name, array, offset, size);
    add(name, array, offset, size, false);
    return this;
  }

  /** Lists an array that is read unless it is {@code null}. */
  Arguments mayRead(String name, float[] array, int offset, int size) {
    return array == null ? this : reads(name, array, offset, size);
  }

  /** Lists an array that is written. */
  Arguments writes(String name, float[] array, int offset, int size) {
    Checks.array(name, array, offset, size);
    add(name, array, offset, size, true);
    return this;
  }

  /** Lists an array that is written unless it is {@code null}. */
  Arguments mayWrite(String name, float[] array, int offset, int size) {
    return array == null ? this : writes(name, array, offset, size);
  }

  /** Lists an array of indices that is written unless it is {@code null}. */
  Arguments mayWrite(String name, int[] array, int offset, int size) {
    if (array != null) {
      Checks.array(name, array, offset, size);
      add(name, array, offset, size, true);
    }
    return this;
  }

  private void add(String name, Object array, int offset, int size, boolean writes) {
    for (int i = 0; i < count; i++) {
      if (arrays[i] == array && (writes || written[i])) {
        checkDisjoint(i, name, offset, size);
      }
    }
    names[count] = name;
    arrays[count] = array;
    offsets[count] = offset;
    sizes[count] = size;
    written[count] = writes;
    count++;
  }

  private void checkDisjoint(int i, String name, int offset, int size) {
    long end = (long) offset + size;
    long otherEnd = (long) offsets[i] + sizes[i];
    if (offset < otherEnd && offsets[i] < end) {
      throw new IllegalArgumentException(
          names[i]
              + " ["
              + offsets[i]
              + ", "
              + otherEnd
              + ") and "
              + name
              + " ["
              + offset
              + ", "
              + end
              + ") overlap in one array; they must be disjoint");
    }
  }

  /**
   * Lists an array that is written over {@code source}, listed before: both may be the very same
   * elements, since each result depends on the element in its place only.
   */
  Arguments writesInPlace(
      String name, float[] array, int offset, int size, float[] source, int at) {
    Checks.array(name, array, offset, size);
    if (array == source && offset == at) {
      for (int i = 0; i < count; i++) {
        if (arrays[i] != array) {
          continue;
        }
        if (offsets[i] == at && sizes[i] == size) {
          written[i] = true;
        } else {
          checkDisjoint(i, name, offset, size);
        }
      }
      return this;
    }
    add(name, array, offset, size, true);
    return this;
  }
}
