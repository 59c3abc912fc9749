package dev.expanse.jobs.input;

import dev.expanse.core.image.BatchLoader;
import dev.expanse.core.image.EncodedImage;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.image.Normalization;
import dev.expanse.jobs.data.LabelledImage;
import java.util.List;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Minibatches made outside of Spark. */
public final class TestMinibatches {
  private TestMinibatches() {}

  public static MultiDataSet of(
      List<LabelledImage> images, ImageTransform transform, int side, int classes) {
    return encoded(
        images.stream()
            .map(image -> new EncodedImage(image.bytes(), image.path(), image.label(), 0))
            .toList(),
        transform,
        side,
        classes);
  }

  /** With a seed for each image. */
  public static MultiDataSet encoded(
      List<EncodedImage> images, ImageTransform transform, int side, int classes) {
    var plan = new BatchLoader.Plan(transform, Normalization.IMAGENET, side, images.size(), 1, 1);
    try (var loader = new BatchLoader(List.of(images).iterator(), plan)) {
      var batch = loader.next();
      var arrays = new BatchArrays(side, classes); // left to the garbage collector
      return new MultiDataSet(arrays.features(batch), arrays.labels(batch));
    }
  }
}
