package io.github.lanewise.jmh;

import io.github.lanewise.kernel.Lanewise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import jdk.incubator.vector.FloatVector;

/** Whose code is timed. Each arm runs in JVMs of its own, started with its options. */
public enum Arm {
  /** Lanewise with the widest vectors of the machine. */
  VECTOR("vector", "-Dlanewise.backend=vector"),
  /** Lanewise with vectors of 256 bits. */
  VECTOR_256("vector-256", "-Dlanewise.backend=vector", "-Dlanewise.vector.bits=256"),
  /** Lanewise with vectors of 128 bits. */
  VECTOR_128("vector-128", "-Dlanewise.backend=vector", "-Dlanewise.vector.bits=128"),
  /** Lanewise's scalar twins. */
  SCALAR("scalar", "-Dlanewise.backend=scalar"),
  /** The loops of the formula, as one writes them first. */
  NAIVE("naive", "-Dlanewise.backend=vector"),
  /** Windows copied into a matrix, then Lanewise's matrix product. */
  IM2COL("im2col", "-Dlanewise.backend=vector"),
  /** PyTorch through the JavaCPP presets; only in the Maven profile {@code peers}. */
  PYTORCH(
      "pytorch",
      "-Dlanewise.backend=vector",
      "-Dorg.bytedeco.openblas.load=mkl_rt",
      "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
      "-Dorg.bytedeco.javacpp.maxBytes=0");

  private final String id;
  private final List<String> jvmArgs;

  Arm(String id, String... jvmArgs) {
    this.id = id;
    this.jvmArgs = List.of(jvmArgs);
  }

  /** The arm of that name. */
  public static Arm of(String id) {
    return Arrays.stream(values())
        .filter(arm -> arm.id.equals(id))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "arm is \""
                        + id
                        + "\" but must be one of "
                        + Arrays.stream(values()).map(Arm::id).collect(Collectors.joining(", "))));
  }

  /** The name of the arm on the command line, in JMH's parameter and in results. */
  public String id() {
    return id;
  }

  /** What a JVM of this arm must be started with. */
  public List<String> jvmArgs() {
    return new ArrayList<>(jvmArgs);
  }

  /** {@return the bits of the machine's widest vectors} */
  public static int widest() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize();
  }

  /** Whether a machine with such vectors can run it. */
  public boolean fits(int widest) {
    return bits(widest) <= widest;
  }

  private int bits(int widest) {
    return switch (this) {
      case SCALAR -> 0;
      case VECTOR_256 -> 256;
      case VECTOR_128 -> 128;
      default -> widest;
    };
  }

  /** Prints what this JVM computes with, and fails if that is not what the arm means. */
  public void check() {
    int expected = bits(widest());
    String described = this == PYTORCH ? Peer.instance().describe() : Lanewise.describe();
    System.out.println("\n# arm " + id + ": " + described); // JMH has begun a line
    String backend = expected == 0 ? "scalar" : "vector";
    if (!Lanewise.backend().equals(backend) || Lanewise.vectorBits() != expected) {
      throw new IllegalStateException(
          "arm "
              + id
              + " means the "
              + backend
              + " backend with "
              + expected
              + " bits, but this JVM has: "
              + Lanewise.describe()
              + "; start it with "
              + String.join(" ", jvmArgs));
    }
  }

  @Override
  public String toString() {
    return id;
  }
}
