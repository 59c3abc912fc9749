package dev.expanse.jobs.input;

import dev.expanse.core.image.BatchLoader.Batch;
import dev.expanse.core.onednn.HostMemory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batches as ND4J arrays, copied into the same memory again and again: an array is what it was
 * until the next batch of its size.
 */
public final class BatchArrays implements AutoCloseable {
  private final int side;
  private final int classes;
  private final Map<Integer, INDArray> features = new HashMap<>();
  private final Map<Integer, INDArray> labels = new HashMap<>();

  /**
   * @param side of the images, in pixels
   * @param classes labels are below it
   */
  public BatchArrays(int side, int classes) {
    this.side = side;
    this.classes = classes;
  }

  /** The images, {@code [N, side, side, 3]}. */
  public INDArray features(Batch batch) {
    return filled(
        features.computeIfAbsent(batch.size(), size -> detached(size, side, side, 3)),
        batch.values());
  }

  /** The labels, one-hot, {@code [N, classes]}. */
  public INDArray labels(Batch batch) {
    return labels(batch, Mixing.NONE.labels(batch.labels(), classes, 1));
  }

  /** Images and labels to train on, mixed; the batch's own values are, too. */
  MultiDataSet mixed(Batch batch, Mixing mixing, long seed) {
    double share = mixing.share(seed);
    if (share < 1) {
      Mixing.mix(batch.values(), batch.size(), 3 * side * side, share);
    }
    return new MultiDataSet(
        features(batch), labels(batch, mixing.labels(batch.labels(), classes, share)));
  }

  private INDArray labels(Batch batch, float[] shares) {
    return filled(labels.computeIfAbsent(batch.size(), size -> detached(size, classes)), shares);
  }

  private static INDArray detached(long... shape) {
    HostMemory.require(Float.BYTES * Arrays.stream(shape).reduce(1, Math::multiplyExact));
    return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape);
  }

  private static INDArray filled(INDArray array, float[] values) {
    ((FloatPointer) array.data().pointer()).put(values, 0, Math.toIntExact(array.length()));
    return array;
  }

  @Override
  public void close() {
    features.values().forEach(INDArray::close);
    labels.values().forEach(INDArray::close);
  }
}
