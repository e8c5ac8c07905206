package io.github.lanewise.vector;

import io.github.lanewise.internal.Implementation;

/** What vector twins that accept every problem have in common. */
abstract class VectorTwin<P> implements Implementation<P> {
  @Override
  public final String name() {
    return "vector";
  }

  @Override
  public final boolean accepts(P problem) {
    return true;
  }
}
