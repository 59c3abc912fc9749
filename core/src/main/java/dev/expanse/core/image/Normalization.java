package dev.expanse.core.image;

import java.util.List;

/**
 * Turns bytes into the numbers that a network takes: {@code (value / 255 - mean) / deviation}, each
 * channel by itself, as torchvision's {@code normalize} does.
 *
 * @param mean the mean of red, green and blue, on a scale of 0 to 1
 * @param deviation the standard deviation of red, green and blue, on the same scale
 */
public record Normalization(List<Float> mean, List<Float> deviation) {

  /** Mean and deviation of ImageNet's training images, as torchvision's models are trained with. */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

  /**
   * Makes a normalisation.
   *
   * @throws IllegalArgumentException if a list has not three values, a mean is not finite, or a
   *     deviation is not a positive number
   */
  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != RgbImage.CHANNELS || mean.stream().anyMatch(m -> !Float.isFinite(m))) {
      throw new IllegalArgumentException("The mean must be three numbers, not " + mean);
    }
    if (deviation.size() != RgbImage.CHANNELS
        || deviation.stream().anyMatch(d -> !Float.isFinite(d) || d <= 0)) {
      throw new IllegalArgumentException(
          "The deviation must be three positive numbers, not " + deviation);
    }
  }

  /**
   * Writes an image into its place in a batch.
   *
   * @param image an image of the batch's height {@code H} and width {@code W}
   * @param batch values of shape {@code [N, H, W, 3]}, channels last
   * @param index the image's place in the batch, from 0 to {@code N - 1}
   * @throws IllegalArgumentException if the batch is no whole number of such images, or has no such
   *     place
   */
  public void write(RgbImage image, float[] batch, int index) {
    byte[] pixels = image.pixels();
    if (batch.length % pixels.length != 0 || index < 0 || index >= batch.length / pixels.length) {
      throw new IllegalArgumentException(
          "Cannot write a %d x %d image at index %d of a batch of %d values"
              .formatted(image.width(), image.height(), index, batch.length));
    }
    float[] red = values(0);
    float[] green = values(1);
    float[] blue = values(2);
    int to = index * pixels.length;
    for (int i = 0; i < pixels.length; i += RgbImage.CHANNELS) {
      batch[to + i] = red[pixels[i] & 0xff];
      batch[to + i + 1] = green[pixels[i + 1] & 0xff];
      batch[to + i + 2] = blue[pixels[i + 2] & 0xff];
    }
  }

  /** What each of the 256 levels of a channel becomes. */
  private float[] values(int channel) {
    double scale = 1 / (255.0 * deviation.get(channel));
    double shift = -mean.get(channel) / (double) deviation.get(channel);
    float[] values = new float[256];
    for (int level = 0; level < values.length; level++) {
      values[level] = (float) (level * scale + shift);
    }
    return values;
  }
}
