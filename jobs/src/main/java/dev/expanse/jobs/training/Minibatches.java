package dev.expanse.jobs.training;

import dev.expanse.core.image.ImageDecodeException;
import dev.expanse.core.image.ImageDecoder;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.image.Normalization;
import dev.expanse.jobs.data.LabelledImage;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Encoded images to what a network takes. */
final class Minibatches {
  private Minibatches() {}

  /**
   * Decoded, transformed and normalised images {@code [N, side, side, 3]}.
   *
   * @param seed of the transforms' chance decisions; each image has its own
   * @throws IllegalStateException if an image cannot be decoded; the message has its path
   */
  static INDArray features(
      List<LabelledImage> images, ImageTransform transform, int side, long seed) {
    var values = new float[images.size() * side * side * 3];
    for (int i = 0; i < images.size(); i++) {
      var image = images.get(i);
      try {
        var random = new SplittableRandom(EpochOrder.mix(seed, EpochOrder.key(image)));
        var view = transform.apply(ImageDecoder.decode(image.bytes()), random);
        Normalization.IMAGENET.write(view, values, i);
      } catch (ImageDecodeException e) {
        throw new IllegalStateException(image.path() + ": " + e.getMessage(), e);
      }
    }
    return Nd4j.create(values, new int[] {images.size(), side, side, 3}, 'c');
  }

  /** Images with their labels, one-hot, {@code [N, classes]}. */
  static MultiDataSet labelled(
      List<LabelledImage> images, ImageTransform transform, int side, int classes, long seed) {
    var labels = new float[images.size() * classes];
    for (int i = 0; i < images.size(); i++) {
      labels[i * classes + images.get(i).label()] = 1;
    }
    return new MultiDataSet(
        features(images, transform, side, seed),
        Nd4j.create(labels, new int[] {images.size(), classes}, 'c'));
  }
}
