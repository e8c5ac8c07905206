package io.github.lanewise.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What JMH reports beside the time: sums over an iteration. */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Counters {
  /** Calls in the iteration. */
  public long calls;

  /** Additions and multiplications. */
  public double flops;

  /** Bytes read and written at least. */
  public double bytes;

  /** What the machine could do just before the iteration, see {@link Limit}; 0 if not measured. */
  public double limit;

  void add(double flops, double bytes) {
    calls++;
    this.flops += flops;
    this.bytes += bytes;
  }
}
