package dev.expanse.bench;

import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A minibatch of random images {@code [batch, side, side, 3]}, made once in each process. */
record MadeUpImages(int batch, int side, int classes) implements Serializable {
  private static final Map<MadeUpImages, MultiDataSet> MADE = new ConcurrentHashMap<>();

  /** The same one each time. */
  MultiDataSet minibatch() {
    return MADE.computeIfAbsent(this, MadeUpImages::make);
  }

  private MultiDataSet make() {
    var labels = Nd4j.zeros(batch, classes);
    for (int i = 0; i < batch; i++) {
      labels.putScalar(i, EngineWorkload.label(i), 1);
    }
    return new MultiDataSet(Nd4j.rand(DataType.FLOAT, batch, side, side, 3), labels);
  }
}
