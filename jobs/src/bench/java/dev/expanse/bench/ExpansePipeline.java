package dev.expanse.bench;

import dev.expanse.core.image.ImageDecoder;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.image.Normalization;
import dev.expanse.core.image.RgbImage;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Expanse's own, as its jobs go it. */
final class ExpansePipeline implements InputPipeline {
  private final ImageTransform training;
  private final ImageTransform evaluation;
  private final RandomGenerator unused = new SplittableRandom();
  private final int side;
  private ExpanseReader reader;

  ExpansePipeline(int side) {
    this.side = side;
    training = ImageTransform.training(side);
    evaluation = ImageTransform.evaluation(side);
  }

  @Override
  public int decode(Photograph photograph) throws IOException {
    RgbImage image = ImageDecoder.decode(photograph.file());
    return image.width() * image.height();
  }

  @Override
  public void augment(Photograph photograph, RandomGenerator random, float[] batch, int index)
      throws IOException {
    Normalization.IMAGENET.write(view(training, photograph, random), batch, index);
  }

  @Override
  public void evaluate(Photograph photograph, float[] batch, int index) throws IOException {
    Normalization.IMAGENET.write(view(evaluation, photograph, unused), batch, index);
  }

  @Override
  public void read(Photograph photograph, RandomGenerator random, float[] batch, int index)
      throws IOException {
    reader(photograph).next();
  }

  @Override
  public void settle(Photograph photograph) throws IOException {
    reader(photograph).settle();
  }

  private ExpanseReader reader(Photograph photograph) throws IOException {
    if (reader == null) {
      reader = ExpanseReader.open(photograph.path().getParent(), side);
    }
    return reader;
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
    }
  }

  private static RgbImage view(
      ImageTransform transform, Photograph photograph, RandomGenerator random) throws IOException {
    return transform.decode(photograph.file(), random);
  }
}
