package dev.expanse.jobs.space;

/**
 * The numbers from 0 to {@code size - 1} in an order that seems random, of which any is computed
 * without those before: a balanced Feistel network over the next power of four, walked on until it
 * comes back into the range (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002,
 * section 4). So whoever computes which part of a random sample, it is the same sample.
 */
final class Permutation {
  // what comes after four rounds can no longer be told from chance; small ranges have small halves
  private static final int ROUNDS = 8;

  private final long size;
  private final int halfBits;
  private final long mask;
  private final long[] keys = new long[ROUNDS];

  /**
   * @param size how many numbers, 1 to 2^62
   * @param seed another seed is another order
   */
  Permutation(long size, long seed) {
    if (size < 1 || size > 1L << 62) {
      throw new IllegalArgumentException("Cannot permute " + size + " numbers");
    }
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, size - 1));
    this.halfBits = (bits + 1) / 2;
    this.mask = (1L << halfBits) - 1;
    for (int round = 0; round < ROUNDS; round++) {
      keys[round] = mixed(seed * ROUNDS + round + 0x9E3779B97F4A7C15L);
    }
  }

  /** The number at a place of the order. */
  long at(long place) {
    if (place < 0 || place >= size) {
      throw new IndexOutOfBoundsException("No place " + place + " among " + size);
    }
    long number = place;
    do {
      number = enciphered(number);
    } while (number >= size);
    return number;
  }

  private long enciphered(long number) {
    long left = number >>> halfBits;
    long right = number & mask;
    for (long key : keys) {
      long next = left ^ mixed(right + key) & mask;
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }

  /** Stafford's mixing function 13, of which SplittableRandom makes its numbers. */
  private static long mixed(long z) {
    long x = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }
}
