package io.github.lanewise.kernel;

import io.github.lanewise.internal.Checks;
import io.github.lanewise.internal.Operands;
import java.util.Arrays;

/**
 * Checks the arrays of one call as they are listed: each is long enough, and what is written
 * overlaps nothing else. Reused from call to call, so that checking allocates nothing.
 *
 * <p>The call has claimed its workspace. Whatever is refused here releases it.
 */
final class Arguments {
  private static final int MOST = 12;

  private final Workspace workspace;
  private final String[] names = new String[MOST];
  private final Object[] arrays = new Object[MOST];
  private final int[] offsets = new int[MOST];
  private final int[] sizes = new int[MOST];
  private final boolean[] written = new boolean[MOST];
  private int count;

  Arguments(Workspace workspace) {
    this.workspace = workspace;
  }

  /** Forgets the arrays. */
  void clear() {
    Arrays.fill(arrays, 0, count, null);
    count = 0;
  }

  /** Ends the list: for the caller to fill, who then calls {@link Workspace#run} in any case. */
  Operands operands() {
    clear();
    return workspace.operands();
  }

  /** Releases the workspace; the caller throws what is returned. */
  IllegalArgumentException refusal(String message) {
    workspace.release();
    return new IllegalArgumentException(message);
  }

  /** Lists an array that is read. */
  Arguments reads(String name, float[] array, int offset, int size) {
    return add(name, array, length(array), offset, size, false, null);
  }

  /** Lists an array of indices that is read. */
  Arguments reads(String name, int[] array, int offset, int size) {
    return add(name, array, length(array), offset, size, false, null);
  }

  /** Lists an array that is read unless it is {@code null}. */
  Arguments mayRead(String name, float[] array, int offset, int size) {
    return array == null ? this : reads(name, array, offset, size);
  }

  /** Lists an array that is written. */
  Arguments writes(String name, float[] array, int offset, int size) {
    return add(name, array, length(array), offset, size, true, null);
  }

  /** Lists an array that is written unless it is {@code null}. */
  Arguments mayWrite(String name, float[] array, int offset, int size) {
    return array == null ? this : writes(name, array, offset, size);
  }

  /** Lists an array of indices that is written unless it is {@code null}. */
  Arguments mayWrite(String name, int[] array, int offset, int size) {
    return array == null ? this : add(name, array, array.length, offset, size, true, null);
  }

  /**
   * Lists an array that is written over the array called {@code source}: both may be the very same
   * elements, since each result depends on the element in its place only. No other array may.
   */
  Arguments writesInPlace(String name, float[] array, int offset, int size, String source) {
    return add(name, array, length(array), offset, size, true, source);
  }

  private static int length(float[] array) {
    return array == null ? -1 : array.length;
  }

  private static int length(int[] array) {
    return array == null ? -1 : array.length;
  }

  private Arguments add(
      String name, Object array, int length, int offset, int size, boolean writes, String source) {
    if (!Checks.holds(length, offset, size)) {
      throw refusal(Checks.tooShort(name, length, offset, size));
    }
    for (int i = 0; i < count; i++) {
      if (arrays[i] == array && (writes || written[i])) {
        boolean inPlace = names[i].equals(source) && offsets[i] == offset && sizes[i] == size;
        if (!inPlace) {
          checkDisjoint(i, name, offset, size);
        }
      }
    }
    names[count] = name;
    arrays[count] = array;
    offsets[count] = offset;
    sizes[count] = size;
    written[count] = writes;
    count++;
    return this;
  }

  private void checkDisjoint(int i, String name, int offset, int size) {
    long end = (long) offset + size;
    long otherEnd = (long) offsets[i] + sizes[i];
    if (offset < otherEnd && offsets[i] < end) {
      throw refusal(
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
}
