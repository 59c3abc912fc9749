package dev.expanse.core.dl4j;

import dev.expanse.core.network.Shape;
import dev.expanse.core.onnx.OnnxRuntimeSession;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Answers queries with a session of ONNX Runtime, whose images are {@code [N, C, H, W]}. */
final class OnnxRuntimeClassifier implements Classifier {
  private final Shape image;
  private final int batch;
  private final OnnxRuntimeSession session;

  /**
   * @param session is closed with the classifier
   */
  OnnxRuntimeClassifier(Shape image, int batch, OnnxRuntimeSession session) {
    this.image = image;
    this.batch = batch;
    this.session = session;
  }

  @Override
  public INDArray probabilities(INDArray images) {
    return query(images).get();
  }

  /** Images are put into ONNX Runtime's order here, once. */
  @Override
  public Supplier<INDArray> query(INDArray images) {
    int count = QueryImages.count(images, image, batch);
    var run = session.batch(count);
    run.images().put(images.permute(0, 3, 1, 2).dup('c').data().asFloat());
    return () -> {
      var probabilities = run.run();
      var values = new float[probabilities.remaining()];
      probabilities.get(values);
      return Nd4j.createFromArray(values).reshape(count, values.length / count);
    };
  }

  @Override
  public void close() {
    session.close();
  }
}
