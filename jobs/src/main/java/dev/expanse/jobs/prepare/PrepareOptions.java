package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.hadoop.fs.Path;

/**
 * How a dataset is made.
 *
 * @param shardBytes about how many bytes of images a shard has
 * @param seed of the order of the images
 * @param classes the name or file of a class list; empty for the input's usual one
 * @param shorterSide pixels that images of a larger shorter side are resized to; empty to keep all
 *     as they are
 * @param jpegQuality of the resized images, 1 to 100
 * @param valShare the share of an input without a split {@code val} that becomes one; empty for a
 *     tenth
 * @param maxBad the share of images that may be bad
 * @param devkit where ImageNet's devkit is; empty if it is beside the archives
 */
public record PrepareOptions(
    long shardBytes,
    long seed,
    Optional<String> classes,
    OptionalInt shorterSide,
    int jpegQuality,
    OptionalDouble valShare,
    double maxBad,
    Optional<Path> devkit) {
  /** What a resized image is written with if nobody says otherwise. */
  public static final int JPEG_QUALITY = 90;

  /** The share of images that may be bad if nobody says otherwise. */
  public static final double MAX_BAD = 0.01;

  private static final int MOST_PIXELS = 1 << 16;

  /**
   * Checks the options.
   *
   * @throws InvalidInputException naming the option that is out of range
   */
  public PrepareOptions {
    require(shardBytes >= 1, "--shard-mib", shardBytes >> 20, "at least 1");
    int pixels = shorterSide.orElse(1);
    require(
        pixels >= 1 && pixels <= MOST_PIXELS,
        "--shorter-side",
        pixels,
        "a whole number from 1 to " + MOST_PIXELS);
    require(
        jpegQuality >= 1 && jpegQuality <= 100,
        "--jpeg-quality",
        jpegQuality,
        "a whole number from 1 to 100");
    double share = valShare.orElse(0);
    require(share >= 0 && share < 1, "--val-share", share, "a number from 0 to below 1");
    require(maxBad >= 0 && maxBad <= 1, "--max-bad", maxBad, "a number from 0 to 1");
  }

  /** Everything as usual but the shards' size and the order. */
  public static PrepareOptions usual(long shardBytes, long seed) {
    return new PrepareOptions(
        shardBytes,
        seed,
        Optional.empty(),
        OptionalInt.empty(),
        JPEG_QUALITY,
        OptionalDouble.empty(),
        MAX_BAD,
        Optional.empty());
  }

  private static void require(boolean holds, String option, Object value, String expected) {
    if (!holds) {
      throw InvalidInputException.of("%s = %s: expected %s", option, value, expected);
    }
  }
}
