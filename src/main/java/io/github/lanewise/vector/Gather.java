package io.github.lanewise.vector;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.ConvolutionProblem;
import io.github.lanewise.internal.Normalization;
import io.github.lanewise.internal.Operands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What convolution's forward pass and its input gradient have in common: each element of the result
 * is a sum over source channels and taps. The source is packed an image at a time, with its padding
 * as zeros, so that no inner loop tests bounds. The forward pass is one {@link Phase}; the input
 * gradient with stride s is s² phases, each an ordinary convolution with some of the taps, whose
 * results interleave. No output is ever read back.
 *
 * <p>The packed source is laid out (channel, row, column modulo {@code split}, column / split).
 * With the stride as split, the positions of a row are neighbours for every tap.
 *
 * <p>Of a large image, or one that tasks share, a {@link Windows window} is packed at a time.
 */
final class Gather {
  /** Floats of a packed image, above which it is cut: a part of the third cache. */
  private static final int LARGE = 1 << 20;

  /** Floats of a packed channel, of which a line or two more is little. */
  private static final int MANY = 16 * CacheLine.FLOATS;

  /** Multiply-adds that are worth a window of their own. */
  static final int WORTHWHILE = 1 << 19;

  /**
   * One set of result positions that use the same taps.
   *
   * @param terms offsets of the taps in the packed source of one group, channel by channel
   * @param taps the taps' numbers, the same for every channel
   * @param rows result rows
   * @param columns result positions in a row
   * @param at index in the packed source of the first position for a term of offset 0 (all offsets
   *     in the packed source count elements of all images packed together)
   * @param rowStep distance in the packed source from a row to the next
   * @param resultAt index of the first position in the result's plane
   * @param resultRow distance in the result's plane from a row to the next
   * @param resultColumn distance in the result's plane from a position to the next
   */
  record Phase(
      int[] terms,
      int[] taps,
      int rows,
      int columns,
      int at,
      int rowStep,
      int resultAt,
      int resultRow,
      int resultColumn) {}

  final int batch;
  final int groups;

  /** Whether it is the input gradient. */
  final boolean backward;

  /** Taps of the kernel. */
  final int taps;

  /**
   * Images packed together, the positions of one beside those of the next: 1, or more where rows
   * are too short for a tile.
   */
  final int images;

  /** Source channels and result channels of one group. */
  final int sourceChannels;

  final int resultChannels;

  /** Elements between the weights of neighbouring result channels. */
  final int weightStride;

  /** Elements between the weights of neighbouring source channels. */
  final int sourceStride;

  /** Elements between the weights of neighbouring groups. */
  final int weightGroup;

  final int resultPlane;
  final List<Phase> phases = new ArrayList<>();

  /** Result positions that no tap reaches: they are the bias, or 0. */
  final boolean gaps;

  /** How many phases that follow each other interleave to whole rows, from left to right; or 1. */
  final int across;

  /** What is packed at a time. */
  final Windows windows;

  /** Whether other rows than in the window before are padding, and columns are the same. */
  private final boolean otherRows;

  private final int sourceHeight;
  private final int sourceWidth;

  /** Packed rows and columns from a position of a phase to the next. */
  private final int rowStep;

  private final int columnStep;

  /** Packed rows and columns that the taps of one position reach, in any phase. */
  private final int reachRows;

  private final int reachColumns;

  private final int padTop;
  private final int padLeft;
  private final int split;
  private final int packedRows;

  /**
   * Columns of a window that some tap reaches, left padding included; the source's further ones are
   * left out.
   */
  private final int columns;

  /** What packs several images together, if it can. */
  private final Together together;

  /** Columns of one residue, with room for a vector or a tile beyond the last. */
  private final int packedColumns;

  /**
   * Plans the forward pass or the input gradient of whole images.
   *
   * @param images images packed together
   * @param slack room beyond the end of a row, in positions
   */
  Gather(ConvolutionProblem p, boolean backward, int images, int slack) {
    this(p, backward, images, slack, Windows.whole(p, backward));
  }

  /** The same of windows of an image. */
  Gather(ConvolutionProblem p, boolean backward, int images, int slack, Windows windows) {
    this.windows = windows;
    otherRows = windows.count() > 1 && !windows.cutsRows();
    this.images = images;
    this.backward = backward;
    batch = p.batch();
    groups = p.groups();
    taps = p.taps();
    sourceChannels = backward ? p.outPerGroup() : p.inPerGroup();
    resultChannels = backward ? p.inPerGroup() : p.outPerGroup();
    weightStride = backward ? p.taps() : p.inPerGroup() * p.taps();
    sourceStride = backward ? p.inPerGroup() * p.taps() : p.taps();
    weightGroup = p.outPerGroup() * p.inPerGroup() * p.taps();
    resultPlane = backward ? p.inHeight() * p.inWidth() : p.outHeight() * p.outWidth();
    sourceHeight = backward ? p.outHeight() : p.inHeight();
    sourceWidth = backward ? p.outWidth() : p.inWidth();
    if (backward) {
      split = 1;
      // result row u - padding with u = q · stride + r takes source rows q - e, one for each tap
      int reachTop = (p.kernelHeight() - 1) * p.dilationHeight() / p.strideHeight();
      int reachLeft = (p.kernelWidth() - 1) * p.dilationWidth() / p.strideWidth();
      padTop = Math.max(0, reachTop - p.paddingHeight() / p.strideHeight());
      padLeft = Math.max(0, reachLeft - p.paddingWidth() / p.strideWidth());
      rowStep = 1;
      columnStep = 1;
      reachRows = padTop + (p.paddingHeight() + p.strideHeight() - 1) / p.strideHeight() + 1;
      reachColumns = padLeft + (p.paddingWidth() + p.strideWidth() - 1) / p.strideWidth() + 1;
    } else {
      split = p.strideWidth();
      padTop = p.paddingHeight();
      padLeft = p.paddingWidth();
      rowStep = p.strideHeight();
      columnStep = p.strideWidth();
      reachRows = (p.kernelHeight() - 1) * p.dilationHeight() + 1;
      reachColumns = (p.kernelWidth() - 1) * p.dilationWidth() + 1;
    }
    packedRows = (windows.rows() - 1) * rowStep + reachRows;
    columns = (windows.columns() - 1) * columnStep + reachColumns;
    packedColumns = (columns + split - 1) / split + slack;
    if (backward) {
      gaps = inputGradientPhases(p);
      across = gaps || p.inWidth() < p.strideWidth() ? 1 : p.strideWidth();
    } else {
      gaps = false;
      across = 1;
      forwardPhase(p);
    }
    together = Together.suits(images, split) ? together() : null;
  }

  /**
   * Windows for this plan's images: so small that packed they stay in the third cache, and so many
   * that {@code tasks} share few images; one where nothing is gained.
   *
   * @param worthwhile multiply-adds of a window, at least
   */
  Windows cut(ConvolutionProblem p, int tasks, int worthwhile) {
    int each = tasks / (batch * groups);
    long wanted = each > 2 ? Math.clamp(p.multiplyAdds() / batch / worthwhile, 1, each) : 1;
    long pieces = Math.max(wanted, (packedSize() + LARGE - 1) / LARGE);
    return gaps ? windows : windows.cut(pieces, reachRows, reachColumns);
  }

  /** Rows of a phase in a window; none or fewer, if the window has only rows of other phases. */
  int rows(Phase phase, int window) {
    return Math.min(windows.rows(), phase.rows() - windows.row(window));
  }

  /** The same in columns. */
  int columns(Phase phase, int window) {
    return Math.min(windows.columns(), phase.columns() - windows.column(window));
  }

  /** Index in the result's plane of the first position of a phase in a window. */
  int resultAt(Phase phase, int window) {
    return phase.resultAt()
        + windows.row(window) * phase.resultRow()
        + windows.column(window) * phase.resultColumn();
  }

  private Together together() {
    int imageStep = groups * sourceChannels * sourceHeight * sourceWidth;
    return new Together(
        images,
        imageStep,
        sourceHeight,
        sourceWidth,
        copiedRows(),
        copiedColumns(),
        split,
        packedPlane(),
        packedColumns * images,
        padLeft);
  }

  /** Floats of the packed source of one group of the images packed together. */
  long packedSize() {
    return (long) sourceChannels * packedPlane();
  }

  /** Groups of images that are packed together. */
  int rounds() {
    return (batch + images - 1) / images;
  }

  /**
   * Floats from a channel to the next: an odd number of lines where there are many, so that rows of
   * neighbouring channels do not compete for the same places in the first cache.
   */
  private int packedPlane() {
    int plane = packedRows * split * packedColumns * images;
    return plane < MANY ? plane : CacheLine.odd(plane);
  }

  private void forwardPhase(ConvolutionProblem p) {
    int terms = p.inPerGroup() * p.taps();
    int[] offsets = new int[terms];
    int t = 0;
    for (int i = 0; i < p.inPerGroup(); i++) {
      for (int kh = 0; kh < p.kernelHeight(); kh++) {
        for (int kw = 0; kw < p.kernelWidth(); kw++, t++) {
          int column = kw * p.dilationWidth();
          int row = kh * p.dilationHeight();
          offsets[t] =
              i * packedPlane()
                  + ((row * split + column % split) * packedColumns + column / split) * images;
        }
      }
    }
    phases.add(
        new Phase(
            offsets,
            IntStream.range(0, taps).toArray(),
            p.outHeight(),
            p.outWidth(),
            0,
            p.strideHeight() * split * packedColumns * images,
            0,
            p.outWidth(),
            1));
  }

  /** Adds the phases of the input gradient; tells whether some positions have no tap. */
  private boolean inputGradientPhases(ConvolutionProblem p) {
    boolean empty = false;
    for (int rh = 0; rh < p.strideHeight(); rh++) {
      int[] tapsH = taps(p.kernelHeight(), p.dilationHeight(), p.strideHeight(), rh);
      int firstH = Math.floorDiv(p.paddingHeight() - rh + p.strideHeight() - 1, p.strideHeight());
      int lastH = Math.floorDiv(p.inHeight() - 1 + p.paddingHeight() - rh, p.strideHeight());
      for (int i = 0; i < p.strideWidth(); i++) {
        int rw = (i + p.paddingWidth()) % p.strideWidth(); // from left to right in the result
        int[] tapsW = taps(p.kernelWidth(), p.dilationWidth(), p.strideWidth(), rw);
        int firstW = Math.floorDiv(p.paddingWidth() - rw + p.strideWidth() - 1, p.strideWidth());
        int lastW = Math.floorDiv(p.inWidth() - 1 + p.paddingWidth() - rw, p.strideWidth());
        if (lastH < firstH || lastW < firstW) {
          continue; // no position has this residue
        }
        if (tapsH.length == 0 || tapsW.length == 0) {
          empty = true;
          continue;
        }
        int[] taps = new int[tapsH.length * tapsW.length];
        int[] offsets = new int[p.outPerGroup() * taps.length];
        int t = 0;
        for (int o = 0; o < p.outPerGroup(); o++) {
          for (int kh : tapsH) {
            for (int kw : tapsW) {
              int up = (kh * p.dilationHeight() - rh) / p.strideHeight();
              int left = (kw * p.dilationWidth() - rw) / p.strideWidth();
              offsets[t] = o * packedPlane() - (up * packedColumns + left) * images;
              int tap = kh * p.kernelWidth() + kw;
              taps[t % taps.length] = tap;
              t++;
            }
          }
        }
        phases.add(
            new Phase(
                offsets,
                taps,
                lastH - firstH + 1,
                lastW - firstW + 1,
                ((padTop + firstH) * packedColumns + padLeft + firstW) * images,
                packedColumns * images,
                (firstH * p.strideHeight() + rh - p.paddingHeight()) * p.inWidth()
                    + firstW * p.strideWidth()
                    + rw
                    - p.paddingWidth(),
                p.strideHeight() * p.inWidth(),
                p.strideWidth()));
      }
    }
    return empty;
  }

  /** The taps k with {@code k · dilation ≡ residue} modulo the stride. */
  private static int[] taps(int kernel, int dilation, int stride, int residue) {
    int[] found = new int[kernel];
    int count = 0;
    for (int k = 0; k < kernel; k++) {
      if ((long) k * dilation % stride == residue) {
        found[count++] = k;
      }
    }
    return Arrays.copyOf(found, count);
  }

  float[] source(Operands a) {
    return backward ? a.gradOutput : a.input;
  }

  float[] result(Operands a) {
    return backward ? a.gradInput : a.output;
  }

  /** Index of the first element of the result's plane of a channel. */
  int resultAt(Operands a, int image, int group, int channel) {
    int at = backward ? a.gradInputAt : a.outputAt;
    return at + ((image * groups + group) * resultChannels + channel) * resultPlane;
  }

  /** Elements of an image of the result. */
  int resultImage() {
    return groups * resultChannels * resultPlane;
  }

  /** The bias of a result channel, 0 where there is none. */
  float bias(Operands a, int group, int channel) {
    return a.bias == null ? 0 : a.bias[a.biasAt + group * resultChannels + channel];
  }

  /** Sets the result of a channel to its bias. */
  void fillBias(Operands a, int image, int group, int channel) {
    int at = resultAt(a, image, group, channel);
    Arrays.fill(result(a), at, at + resultPlane, bias(a, group, channel));
  }

  /** Packs all channels of one group of {@link #images} images. */
  void pack(Operands a, int image, int group, float[] packed, int at, int spare) {
    pack(a, image, group, 0, sourceChannels, packed, at, spare);
  }

  /**
   * Packs some channels of one group of {@link #images} images, padding and room beyond the end as
   * zeros.
   *
   * @param at where the packed images begin, with the channel 0
   * @param spare where {@link #packScratch} floats are free
   */
  void pack(
      Operands a, int image, int group, int first, int end, float[] packed, int at, int spare) {
    clear(first, end, packed, at);
    if (together == null) {
      copy(a, image, group, 0, first, end, packed, at);
      return;
    }
    int channel = (image * groups + group) * sourceChannels + first;
    int from = (backward ? a.gradOutputAt : a.inputAt) + channel * sourceHeight * sourceWidth;
    int present = Math.min(images, batch - image);
    int to = at + first * packedPlane() + padTop * split * packedColumns * images;
    together.copy(source(a), from, present, end - first, packed, to, spare);
  }

  /** Floats of scratch memory that {@link #pack} needs. */
  long packScratch() {
    return together == null ? 0 : together.scratch();
  }

  /** Clears what no {@link #copy} of a window will write. */
  void clear(float[] packed, int at) {
    if (!windows.cutsRows()) {
      clear(0, sourceChannels, packed, at);
    }
  }

  private void clear(int first, int end, float[] packed, int at) {
    Arrays.fill(packed, at + first * packedPlane(), at + end * packedPlane(), 0);
  }

  /**
   * Copies a window of all channels of one group of an image to where another was, or to where
   * {@link #clear} was.
   */
  void copy(Operands a, int image, int group, int window, float[] packed, int at) {
    if (windows.cutsRows()) {
      clear(0, sourceChannels, packed, at); // other columns are padding than in the window before
    }
    copy(a, image, group, window, 0, sourceChannels, packed, at);
  }

  private void copy(
      Operands a, int image, int group, int window, int first, int end, float[] packed, int at) {
    int top = windows.row(window) * rowStep - padTop;
    int left = windows.column(window) * columnStep - padLeft;
    float[] source = source(a);
    Normalization normalization = backward ? a.gradOutputNormalization : a.inputNormalization;
    int begin = backward ? a.gradOutputAt : a.inputAt;
    int present = Math.min(images, batch - image);
    for (int channel = first; channel < end; channel++) {
      for (int i = 0; i < present; i++) {
        int plane = ((image + i) * groups + group) * sourceChannels + channel;
        int from = begin + plane * sourceHeight * sourceWidth;
        int to = at + channel * packedPlane() + i;
        int by = group * sourceChannels + channel;
        copyPlane(normalization, by, source, from, top, left, packed, to);
      }
    }
  }

  /** Whether {@link #copy} can normalise: rows must stay rows. */
  boolean takesNormalization() {
    return images == 1 && split == 1;
  }

  /** Rows of the source that some tap reaches. */
  private int copiedRows() {
    return Math.min(sourceHeight, packedRows - padTop);
  }

  private int copiedColumns() {
    return Math.clamp(columns - padLeft, 0, sourceWidth);
  }

  /**
   * Copies the window of a plane that begins in some row and column of it, which may lie in the
   * padding before.
   */
  private void copyPlane(
      Normalization by,
      int channel,
      float[] source,
      int from,
      int top,
      int left,
      float[] packed,
      int at) {
    int pitch = split * packedColumns * images;
    int skip = Math.max(0, -left);
    int width = Math.min(columns, sourceWidth - left) - skip;
    int end = width <= 0 ? 0 : Math.min(packedRows, sourceHeight - top);
    int begin = Math.clamp(-top, 0, packedRows);
    if (otherRows) {
      Arrays.fill(packed, at, at + begin * pitch, 0);
      Arrays.fill(packed, at + Math.max(begin, end) * pitch, at + packedRows * pitch, 0);
    }
    for (int row = begin; row < end; row++) {
      int line = from + (top + row) * sourceWidth + left + skip;
      int to = at + row * pitch;
      if (by != null) {
        NormalizedRow.normalize(by, channel, source, line, packed, to + skip, width);
      } else if (images == 1 && split == 1) {
        System.arraycopy(source, line, packed, to + skip, width);
      } else if (images == 1 && split == 2) {
        int even = to + skip % 2 * packedColumns + skip / 2;
        int odd = to + (skip + 1) % 2 * packedColumns + (skip + 1) / 2;
        Zip.unzip(source, line, width, packed, even, packed, odd);
      } else {
        spreadRow(source, line, width, skip, packed, to);
      }
    }
  }

  private void spreadRow(float[] source, int from, int width, int skip, float[] packed, int to) {
    for (int x = 0; x < Math.min(width, split); x++) {
      int column = x + skip;
      int at = to + (column % split * packedColumns + column / split) * images;
      for (int next = x; next < width; next += split, at += images) {
        packed[at] = source[from + next];
      }
    }
  }
}
