package io.github.lanewise.internal;

/**
 * What a batch normalisation does to the elements of each channel c, or to their gradients, for a
 * kernel that does it to what it reads:
 *
 * <pre>
 * y  = (r(x) − k[4c]) · k[4c + 1] + k[4c + 2]
 * dx = (dy − k[4c + 1] − (r(x) − k[4c]) · k[4c + 2]) · k[4c + 3], but 0 where x ≤ floor
 * </pre>
 *
 * where r(x) is 0 up to the floor, else x.
 *
 * @param coefficients k, {@link #PER_CHANNEL} a channel
 * @param floor 0 if a ReLU stands in front of the normalisation, else NaN
 */
public record Normalization(double[] coefficients, float floor) {
  /** Coefficients of a channel. */
  public static final int PER_CHANNEL = 4;
}
