package dev.expanse.jobs.training;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.LabelledImage;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The order in which one epoch visits the images of a split: a permutation that depends on the
 * seed, the epoch and the images' names only, however Spark has partitioned them.
 */
final class EpochOrder implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] keys;
  private final int[] places;

  /**
   * @param keys {@link #key} of every image, in any order
   * @throws InvalidInputException if two images have one path
   */
  EpochOrder(long[] keys, long seed, int epoch) {
    this.keys = keys.clone();
    Arrays.sort(this.keys);
    for (int i = 1; i < keys.length; i++) {
      if (this.keys[i] == this.keys[i - 1]) {
        throw new InvalidInputException("two images of the dataset have the same path");
      }
    }
    this.places = permutation(keys.length, new SplittableRandom(mix(seed, epoch)));
  }

  /** What an image is known by: 64 bits of its path's SHA-256. */
  static long key(LabelledImage image) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(digest.digest(image.path().getBytes(StandardCharsets.UTF_8)))
          .getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** The image's place in the epoch, from 0. */
  int place(LabelledImage image) {
    int i = Arrays.binarySearch(keys, key(image));
    if (i < 0) {
      throw new IllegalArgumentException("Cannot place " + image.path() + ": it is new");
    }
    return places[i];
  }

  /** A number that differs, and seems random, for every seed and step. */
  static long mix(long seed, long step) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + step).nextLong();
  }

  /** Fisher and Yates' shuffle. */
  private static int[] permutation(int size, SplittableRandom random) {
    var places = new int[size];
    for (int i = 1; i < size; i++) {
      int j = random.nextInt(i + 1);
      places[i] = places[j];
      places[j] = i;
    }
    return places;
  }
}
