package dev.expanse.core.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A network with its weights, ready for queries; used by one thread at a time. */
public interface Classifier extends AutoCloseable {

  /**
   * Answers a query.
   *
   * @param images {@code [N, H, W, C]} floats, N at most the batch that it was made for
   * @return probabilities, {@code [N, classes]}; the next query may overwrite them
   * @throws IllegalArgumentException if the images are not of that shape
   */
  INDArray probabilities(INDArray images);

  /** Frees its memory; it answers nothing afterwards. */
  @Override
  void close();
}
