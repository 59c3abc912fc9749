package dev.expanse.core.image;

import java.util.random.RandomGenerator;

/** Brings a decoded image of any size to the one that a network takes. */
@FunctionalInterface
public interface ImageTransform {

  /**
   * Transforms one image.
   *
   * @param image an image of any size
   * @param random where every chance decision comes from: the same image and the same state of the
   *     generator give the same result
   * @return the transformed image
   */
  RgbImage apply(RgbImage image, RandomGenerator random);

  /**
   * Decodes and transforms one image: the same pixels as {@link #apply} on what {@link
   * ImageDecoder#decode} returns, and the same random numbers drawn. The transforms made here
   * decode no more of the image than they show; damage elsewhere in it may go unnoticed.
   *
   * @param file the bytes of an image file
   * @param random where every chance decision comes from
   * @return the transformed image
   * @throws ImageDecodeException if {@link ImageDecoder#decode} refuses the file for a reason that
   *     concerns what is shown
   */
  default RgbImage decode(byte[] file, RandomGenerator random) throws ImageDecodeException {
    return apply(ImageDecoder.decode(file), random);
  }

  /**
   * The usual augmentation of ImageNet's training images: {@link #training(int, double, boolean)}
   * with a smallest scale of 0.08, mirrored half of the time.
   *
   * @param side the side of the result in pixels, at least 1
   * @return a transform to {@code side x side} pixels
   * @throws IllegalArgumentException if {@code side} is below 1
   */
  static ImageTransform training(int side) {
    return training(side, RandomResizedCrop.MIN_SCALE, true);
  }

  /**
   * {@link #training(int, double, boolean, ColorJitter)} without a change of colours.
   *
   * @param side the side of the result in pixels, at least 1
   * @param minScale the smallest share of the area that is kept, above 0 and at most 1
   * @param flip whether half of the results are mirrored
   * @return a transform to {@code side x side} pixels
   * @throws IllegalArgumentException if {@code side} or {@code minScale} is out of range
   */
  static ImageTransform training(int side, double minScale, boolean flip) {
    return training(side, minScale, flip, ColorJitter.NONE);
  }

  /**
   * A random crop, resized: between {@code minScale} and all of the image's area, of an aspect
   * ratio between 3/4 and 4/3 (Szegedy et al., "Going Deeper with Convolutions", 2015, section 6;
   * torchvision's {@code RandomResizedCrop}).
   *
   * @param side the side of the result in pixels, at least 1
   * @param minScale the smallest share of the area that is kept, above 0 and at most 1
   * @param flip whether half of the results are mirrored
   * @param jitter how far the colours of the result are changed
   * @return a transform to {@code side x side} pixels
   * @throws IllegalArgumentException if {@code side} or {@code minScale} is out of range
   */
  static ImageTransform training(int side, double minScale, boolean flip, ColorJitter jitter) {
    return new RandomResizedCrop(side, minScale, flip, jitter);
  }

  /**
   * The usual view of ImageNet's validation images: {@link #evaluation(int, double)} with a crop
   * fraction of 0.875, such as 224 pixels of 256.
   *
   * @param side the side of the result in pixels, at least 1
   * @return a transform to {@code side x side} pixels, which draws no random numbers
   * @throws IllegalArgumentException if {@code side} is below 1
   */
  static ImageTransform evaluation(int side) {
    return evaluation(side, CenterCrop.FRACTION);
  }

  /**
   * The middle of the image: its shorter side is resized to {@code side / cropFraction}, rounded,
   * and a square of {@code side} cut out of its centre (torchvision's {@code Resize} and {@code
   * CenterCrop}).
   *
   * @param side the side of the result in pixels, at least 1
   * @param cropFraction the share of the shorter side that is kept, above 0 and at most 1
   * @return a transform to {@code side x side} pixels, which draws no random numbers
   * @throws IllegalArgumentException if {@code side} or {@code cropFraction} is out of range
   */
  static ImageTransform evaluation(int side, double cropFraction) {
    return new CenterCrop(side, cropFraction);
  }
}
