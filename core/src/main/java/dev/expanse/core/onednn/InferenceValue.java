package dev.expanse.core.onednn;

import dev.expanse.core.network.Shape;

/** A feature map of each image of the batch, known to the steps that write and read it. */
final class InferenceValue {
  /** Whose memory holds a value. */
  enum Place {
    /** The caller's images, which are only read. */
    IMAGES,
    /** The plan's arena. */
    ARENA,
    /** The caller's array of probabilities. */
    PROBABILITIES
  }

  private final String name;
  private final Shape shape;
  private final Place place;

  InferenceValue(String name, Shape shape, Place place) {
    this.name = name;
    this.shape = shape;
    this.place = place;
  }

  /** The shape of one image's. */
  Shape shape() {
    return shape;
  }

  Place place() {
    return place;
  }

  /** How much of it one image takes. */
  long bytesOfImage() {
    return Math.multiplyExact(shape.size(), Float.BYTES);
  }

  @Override
  public String toString() {
    return "'" + name + "' of " + shape;
  }
}
