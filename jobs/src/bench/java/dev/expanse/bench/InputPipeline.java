package dev.expanse.bench;

import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * A way from the bytes of a photograph to what a network takes, for one thread. Batches have the
 * shape {@code [N, side, side, 3]}, normalised by ImageNet's mean and deviation.
 */
interface InputPipeline extends AutoCloseable {

  /** Decodes the whole photograph, into whatever form the library has for it: its pixels. */
  int decode(Photograph photograph) throws IOException;

  /** Writes a training view, which {@code random} chooses, into the batch at {@code index}. */
  void augment(Photograph photograph, RandomGenerator random, float[] batch, int index)
      throws IOException;

  /** Writes the evaluation view into the batch at {@code index}. */
  void evaluate(Photograph photograph, float[] batch, int index) throws IOException;

  /**
   * Gets the next image of a training loop into the batch at {@code index}: the photograph's file,
   * read from the disk, or whatever comes next in an order of its own.
   */
  default void read(Photograph photograph, RandomGenerator random, float[] batch, int index)
      throws IOException {
    augment(photograph.again(), random, batch, index);
  }

  /** Takes what {@link #read} has ready, made while nobody looked at the clock. */
  default void settle(Photograph photograph) throws IOException {}

  @Override
  default void close() {}

  /** A library that takes views as rectangles. */
  interface Peer extends InputPipeline {

    /** Writes that view into the batch at {@code index}. */
    void write(Photograph photograph, View view, float[] batch, int index) throws IOException;

    @Override
    default void augment(Photograph photograph, RandomGenerator random, float[] batch, int index)
        throws IOException {
      write(photograph, View.training(photograph, random), batch, index);
    }

    @Override
    default void evaluate(Photograph photograph, float[] batch, int index) throws IOException {
      write(photograph, View.evaluation(photograph), batch, index);
    }
  }
}
