package io.github.lanewise.scalar;

import io.github.lanewise.internal.Implementation;

/** What scalar twins have in common: they accept every problem. */
abstract class ScalarTwin<P> implements Implementation<P> {
  @Override
  public final String name() {
    return "scalar";
  }

  @Override
  public final boolean accepts(P problem) {
    return true;
  }
}
