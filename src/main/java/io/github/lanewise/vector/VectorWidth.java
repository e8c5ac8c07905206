package io.github.lanewise.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The width of every vector kernel, in one place: the machine's preferred one, or a narrower one
 * from the system property {@code lanewise.vector.bits} (128, 256 or 512).
 *
 * <p>C2 turns vector operations into instructions only where it can fold the species to a constant,
 * hence {@code static final} fields set from the {@code SPECIES_…} constants, never a parameter.
 */
public final class VectorWidth {
  /** The system property that lowers the width, for tests and comparisons. */
  public static final String PROPERTY = "lanewise.vector.bits";

  /** The float vectors of all kernels. */
  public static final VectorSpecies<Float> F = species(System.getProperty(PROPERTY));

  /** Int vectors of the same shape, and so of as many lanes, as {@link #F}. */
  public static final VectorSpecies<Integer> I =
      switch (F.vectorBitSize()) {
        case 128 -> IntVector.SPECIES_128;
        case 256 -> IntVector.SPECIES_256;
        case 512 -> IntVector.SPECIES_512;
        default -> IntVector.SPECIES_PREFERRED;
      };

  /** Bits in a vector. */
  public static final int BITS = F.vectorBitSize();

  /** Floats in a vector. */
  public static final int LANES = F.length();

  /**
   * Vector registers of the machine, which bound how many accumulators a kernel keeps. A machine
   * with 512-bit vectors has all 32 for its narrower vectors too (AVX-512VL).
   */
  public static final int REGISTERS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() >= 512
              || System.getProperty("os.arch").equals("aarch64")
          ? 32
          : 16;

  private VectorWidth() {}

  private static VectorSpecies<Float> species(String bits) {
    VectorSpecies<Float> widest = FloatVector.SPECIES_PREFERRED;
    if (bits == null || bits.isBlank()) {
      return widest;
    }
    VectorSpecies<Float> asked =
        switch (bits.strip()) {
          case "128" -> FloatVector.SPECIES_128;
          case "256" -> FloatVector.SPECIES_256;
          case "512" -> FloatVector.SPECIES_512;
          default ->
              throw new IllegalArgumentException(
                  PROPERTY + " must be 128, 256 or 512, but is \"" + bits + "\"");
        };
    if (asked.vectorBitSize() > widest.vectorBitSize()) {
      throw new IllegalArgumentException(
          PROPERTY
              + " is "
              + bits.strip()
              + ", but the vectors of this machine have "
              + widest.vectorBitSize()
              + " bits; give at most that, or leave the property out");
    }
    return asked;
  }
}
