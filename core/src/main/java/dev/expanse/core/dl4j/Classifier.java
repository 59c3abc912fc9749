package dev.expanse.core.dl4j;

import java.util.function.Supplier;
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

  /**
   * A query that may be repeated: what its latency is measured of. Images are put into another
   * order here, if the engine wants them in another, and not in the query.
   *
   * @param images as above; they stay as they are while it is used, and no other query is made
   * @return what answers it, as above
   * @throws IllegalArgumentException if the images are not of that shape
   */
  default Supplier<INDArray> query(INDArray images) {
    return () -> probabilities(images);
  }

  /** Frees its memory; it answers nothing afterwards. */
  @Override
  void close();
}
