package dev.expanse.bench;

import java.util.function.Function;

/** The subjects there are, in the order of the table. To add one is to add a constant. */
enum EngineSubjectKind {
  /** Expanse, on oneDNN. */
  EXPANSE("expanse", ExpanseSubject::new),
  /** Deeplearning4j's own layers. */
  STOCK_DL4J("stock-dl4j", StockDl4jSubject::new),
  /** PyTorch, eager, through DJL. */
  PYTORCH("pytorch", PyTorchSubject::new),
  /** ONNX Runtime, inference only. */
  ONNX_RUNTIME("onnxruntime", OnnxRuntimeSubject::new),
  /** Bare oneDNN primitives: no engine, but a bound for those that compute with them. */
  ONEDNN_FLOOR("onednn-floor", OneDnnFloorSubject::new);

  private final String key;
  private final Function<EngineWorkload, Subject> factory;

  EngineSubjectKind(String key, Function<EngineWorkload, Subject> factory) {
    this.key = key;
    this.factory = factory;
  }

  /** Its name in tables and results. */
  @Override
  public String toString() {
    return key;
  }

  /** The subject itself, in this process. */
  Subject create(EngineWorkload workload) {
    return factory.apply(workload);
  }
}
