package dev.expanse.jobs.prepare;

import dev.expanse.core.image.RgbImage;
import dev.expanse.jobs.data.ChannelStatistics;
import dev.expanse.jobs.data.Dataset;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The means of an image's red, green and blue, and of their squares, on a scale of 0 to 1. */
@SuppressWarnings("java:S6218") // compared by nobody
record ChannelMoments(double[] mean, double[] square) implements Serializable {
  private static final int CHANNELS = 3;
  private static final double WHITE = 255;

  /** Which training images are looked at: those whose name's hash is at most {@code limit}. */
  record Sample(long limit) implements Serializable {
    /** So many training images, or all if there are fewer. */
    static Sample of(Collection<ImageRef> training, int most) {
      if (training.size() <= most) {
        return new Sample(Long.MAX_VALUE);
      }
      var hashes = training.stream().mapToLong(image -> NameHash.of(image.name())).toArray();
      Arrays.sort(hashes);
      return new Sample(hashes[most - 1]);
    }

    boolean has(ImageRef image) {
      return image.split().equals(Dataset.TRAIN) && NameHash.of(image.name()) <= limit;
    }
  }

  static ChannelMoments of(RgbImage image) {
    var sums = new long[CHANNELS];
    var squares = new long[CHANNELS];
    var pixels = image.pixels();
    for (int i = 0; i < pixels.length; i += CHANNELS) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        int value = pixels[i + channel] & 0xff;
        sums[channel] += value;
        squares[channel] += value * value;
      }
    }
    double count = pixels.length / (double) CHANNELS;
    return new ChannelMoments(
        Arrays.stream(sums).mapToDouble(sum -> sum / count / WHITE).toArray(),
        Arrays.stream(squares).mapToDouble(sum -> sum / count / (WHITE * WHITE)).toArray());
  }

  /**
   * The statistics of images, each counted alike; of equal images in equal order, the same bits.
   */
  static Optional<ChannelStatistics> statistics(List<ChannelMoments> images) {
    if (images.isEmpty()) {
      return Optional.empty();
    }
    var mean = new Double[CHANNELS];
    var deviation = new Double[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      double sum = 0;
      double squares = 0;
      for (var image : images) {
        sum += image.mean()[c];
        squares += image.square()[c];
      }
      mean[c] = sum / images.size();
      deviation[c] = Math.sqrt(Math.max(0, squares / images.size() - mean[c] * mean[c]));
    }
    return Optional.of(new ChannelStatistics(List.of(mean), List.of(deviation), images.size()));
  }
}
