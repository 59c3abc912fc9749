package dev.expanse.jobs.input;

import java.util.SplittableRandom;

/** Seeds made of a seed. */
public final class Seeds {
  private Seeds() {}

  /** A number that differs, and seems random, for every seed and step. */
  public static long mix(long seed, long step) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + step).nextLong();
  }

  /** Fisher and Yates' shuffle of the numbers from 0. */
  static int[] permutation(int size, long seed) {
    var random = new SplittableRandom(seed);
    var shuffled = new int[size];
    for (int i = 1; i < size; i++) {
      int j = random.nextInt(i + 1);
      shuffled[i] = shuffled[j];
      shuffled[j] = i;
    }
    return shuffled;
  }
}
