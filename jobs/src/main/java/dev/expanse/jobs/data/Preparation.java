package dev.expanse.jobs.data;

import java.util.OptionalInt;

/**
 * How a dataset was made.
 *
 * @param version the version and revision of Expanse
 * @param classList the list that its classes were chosen by, {@code all} where none was
 * @param seed of the images' order
 * @param shorterSide pixels that larger images were resized to; empty if all are as they were
 * @param jpegQuality of the resized images, 1 to 100; empty if there are none
 */
public record Preparation(
    String version, String classList, long seed, OptionalInt shorterSide, OptionalInt jpegQuality) {
  static final int MOST_PIXELS = 1 << 16;
  static final int BEST_QUALITY = 100;
}
