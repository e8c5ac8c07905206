package io.github.lanewise.vector;

import static io.github.lanewise.vector.VectorWidth.REGISTERS;

import io.github.lanewise.internal.CacheLine;
import io.github.lanewise.internal.Kernel;
import io.github.lanewise.internal.Operands;

/**
 * A matrix product in the manner of Goto and van de Geijn (Anatomy of high-performance matrix
 * multiplication, 2008). The left side is packed once, in strips of rows whose elements for one
 * term are neighbours. A task takes some blocks of columns and some strips: it packs {@link #DEPTH}
 * terms of its blocks, where the right side was not small enough to be packed once for all, takes
 * {@link #STRIPS} strips at a time through all blocks, or all of them through one block after the
 * other, and goes on to the next terms.
 */
final class PackedProduct {
  /** Terms of a block of columns: each part of them loads and stores the sums once more. */
  private static final int DEPTH = 768;

  /**
   * Strips that all blocks of columns of a task are multiplied with before the next ones, unless
   * all strips stay near.
   */
  private static final int STRIPS = 32 / PackedRows.STRIP;

  /**
   * Most floats of a task's blocks of columns: thirteen sixteenths of a second cache of a megabyte,
   * or with 16 registers three quarters of one of half a megabyte.
   */
  static final int CACHED = REGISTERS >= 32 ? 13 << 14 : 6 << 14;

  /** Most strips of a task: their sums stay near, in the third cache, from part to part. */
  private static final int MOST_STRIPS = 2048 / PackedRows.STRIP;

  /** Most strips that are not shared out: then no block of columns is packed for two tasks. */
  private static final int FEW = 256 / PackedRows.STRIP;

  /** Most floats of a right side that is packed once, unless there are few strips. */
  private static final int SMALL = 1 << 20;

  /**
   * Most floats of a left side that stays in the second cache beside a block of columns: then each
   * block comes once, and it may come from the third cache.
   */
  private static final int NEAR = REGISTERS >= 32 ? 1 << 16 : 1 << 15;

  /** Tasks to cut the work into. */
  private static final int TASKS = 8;

  private PackedProduct() {}

  static Kernel[] kernels(PackedRows rows, ProductColumns columns) {
    int blocks = columns.columns.blocks();
    long floats = (long) rows.k * columns.columns.columns();
    boolean each = rows.strips <= FEW && blocks >= TASKS && !little(rows, columns);
    if (floats <= SMALL && !each) {
      PackedColumns packed = new PackedColumns(rows, columns);
      return new Kernel[] {rows, packed, new Multiply(rows, columns, packed)};
    }
    return new Kernel[] {rows, new Multiply(rows, columns, null)};
  }

  /** Whether there is too little to do for more than one task. */
  private static boolean little(PackedRows rows, ProductColumns columns) {
    return (long) rows.m * rows.k * columns.columns.columns() < 1 << 17;
  }

  /**
   * Floats from a block of columns to the next: room for a bias, by which also the blocks of one
   * term do not all compete for the same places in the first cache while they are packed.
   */
  private static int size(int depth) {
    return (depth + 1) * WideTile.WIDTH;
  }

  /** Packs the terms from k on of some blocks, after the last the bias, if there is one. */
  private static void pack(
      ProductColumns columns,
      int terms,
      Operands a,
      int k,
      int first,
      int end,
      float[] scratch,
      int to,
      int spare) {
    int depth = Math.min(DEPTH, terms - k);
    columns.pack(a, k, depth, first, end, scratch, to, size(depth), spare);
    if (a.bias != null && k + depth == terms) {
      columns.packBias(a, depth, first, end, scratch, to, size(depth));
    }
  }

  /** The whole right side as [part of DEPTH terms][block][term][column in block]. */
  private static final class PackedColumns implements Kernel {
    /** Blocks of a task, so that it reads several cache lines of a row at a time. */
    private static final int TOGETHER = 4;

    private final PackedRows rows;
    private final ProductColumns columns;
    private final int blocks;

    PackedColumns(PackedRows rows, ProductColumns columns) {
      this.rows = rows;
      this.columns = columns;
      blocks = columns.columns.blocks();
    }

    /** Index of a block's elements from the term k on, which begins a part. */
    int at(int block, int k) {
      int before = k / DEPTH * size(DEPTH) * blocks;
      return (int) rows.sharedScratch() + before + block * size(Math.min(DEPTH, rows.k - k));
    }

    @Override
    public int tasks() {
      long floats = (long) rows.k * columns.columns.columns();
      return floats < 1 << 14 ? 1 : (blocks + TOGETHER - 1) / TOGETHER;
    }

    @Override
    public long sharedScratch() {
      int whole = (rows.k - 1) / DEPTH; // parts before the last one
      long size = (long) whole * size(DEPTH) + size(rows.k - whole * DEPTH);
      return rows.sharedScratch() + size * blocks;
    }

    @Override
    public long taskScratch() {
      return CacheLine.FLOATS;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int first = task * TOGETHER;
      int end = tasks() == 1 ? blocks : Math.min(first + TOGETHER, blocks);
      for (int k = 0; k < rows.k; k += DEPTH) {
        pack(columns, rows.k, a, k, first, end, scratch, shared + at(first, k), own);
      }
    }
  }

  private static final class Multiply implements Kernel {
    private final PackedRows rows;
    private final ProductColumns columns;

    /** {@code null}: each task packs its own. */
    private final PackedColumns packed;

    private final int[] terms;

    /** Blocks and strips of a task, and how many tasks that makes along columns and rows. */
    private final int blocks;

    private final int strips;
    private final int groups;
    private final int parts;

    /** Strips that all blocks are multiplied with before the next ones. */
    private final int atOnce;

    /**
     * For each block, where its sums lie in a task's scratch: of one strip for a block that tiles
     * write themselves, since only the last strip may have too few rows, otherwise of all.
     */
    private final int[] sums;

    private final int sumsSize;

    Multiply(PackedRows rows, ProductColumns columns, PackedColumns packed) {
      this.rows = rows;
      this.columns = columns;
      this.packed = packed;
      terms = new int[Math.min(DEPTH, rows.k) + 1];
      for (int i = 0; i < terms.length; i++) {
        terms[i] = i * PackedRows.STRIP;
      }
      int depth = Math.min(DEPTH, rows.k);
      int all = columns.columns.blocks();
      int mostBlocks = Math.max(1, CACHED / (depth * WideTile.WIDTH));
      int least = (rows.strips + MOST_STRIPS - 1) / MOST_STRIPS;
      int shares = (all + mostBlocks - 1) / mostBlocks;
      int wanted = 2 * TASKS;
      boolean near = (long) rows.m * rows.k <= NEAR;
      int inOrder = packed == null && near ? columns.tasksInOrder(rows.k) : 0;
      if (inOrder > 0) {
        shares = inOrder;
        wanted = 1;
      } else if (packed == null) {
        // each task of a group would pack it: more groups, a multiple of 4, not more parts
        int share = Math.clamp((long) all * least / TASKS, 1, mostBlocks);
        shares = ((all + share - 1) / share + 3) / 4 * 4;
        wanted = TASKS;
      }
      blocks = (all + shares - 1) / shares;
      groups = (all + blocks - 1) / blocks; // none of them empty
      wanted = Math.clamp(wanted / groups, 1, Math.max(1, rows.strips / STRIPS));
      strips = (rows.strips - 1) / (little(rows, columns) ? 1 : Math.max(least, wanted)) + 1;
      parts = (rows.strips + strips - 1) / strips;
      atOnce = (long) strips * PackedRows.STRIP * depth <= NEAR ? strips : STRIPS;
      sums = new int[all];
      sumsSize = layOutSums();
    }

    private int layOutSums() {
      int most = 0;
      for (int first = 0; first < sums.length; first += blocks) {
        int size = 0;
        for (int block = first; block < Math.min(first + blocks, sums.length); block++) {
          sums[block] = rows.k <= DEPTH ? 0 : size;
          size += (columns.direct(block) ? 1 : strips) * ProductColumns.STRIP;
        }
        most = Math.max(most, rows.k <= DEPTH ? ProductColumns.STRIP : size);
      }
      return most + WideTile.SLACK * WideTile.WIDTH;
    }

    @Override
    public int tasks() {
      return groups * parts;
    }

    @Override
    public long sharedScratch() {
      return packed == null ? rows.sharedScratch() : packed.sharedScratch();
    }

    @Override
    public long taskScratch() {
      long own = packed == null ? (long) size(Math.min(DEPTH, rows.k)) * blocks : 0;
      return CacheLine.FLOATS + own + sumsSize;
    }

    @Override
    public void run(int task, Operands a, float[] scratch, int shared, int own) {
      int firstBlock = task / parts * blocks;
      int endBlock = Math.min(firstBlock + blocks, sums.length);
      int firstStrip = task % parts * strips;
      int endStrip = Math.min(firstStrip + strips, rows.strips);
      int to = own + CacheLine.FLOATS;
      int c = to + (packed == null ? size(Math.min(DEPTH, rows.k)) * blocks : 0);
      for (int k = 0; k < rows.k; k += DEPTH) {
        int depth = Math.min(DEPTH, rows.k - k);
        int size = size(depth);
        boolean last = k + depth == rows.k;
        int b = to;
        if (packed == null) {
          pack(columns, rows.k, a, k, firstBlock, endBlock, scratch, to, own);
        } else {
          b = shared + packed.at(firstBlock, k);
        }
        for (int s = firstStrip; s < endStrip; s += atOnce) {
          for (int block = firstBlock; block < endBlock; block++) {
            int bAt = b + (block - firstBlock) * size;
            for (int strip = s; strip < Math.min(s + atOnce, endStrip); strip++) {
              boolean one = rows.k <= DEPTH || columns.direct(block);
              columns.multiply(
                  a,
                  strip * PackedRows.STRIP,
                  rows.rows(strip),
                  block,
                  terms,
                  last && a.bias != null ? depth + 1 : depth,
                  a.packedWeights(scratch),
                  a.packedWeightsAt(shared) + rows.at(strip, k),
                  scratch,
                  bAt,
                  c + sums[block] + (one ? 0 : (strip - firstStrip) * ProductColumns.STRIP),
                  k == 0,
                  last);
            }
          }
        }
      }
    }
  }
}
