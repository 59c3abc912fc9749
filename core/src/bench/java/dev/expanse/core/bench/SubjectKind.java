package dev.expanse.core.bench;

import java.util.Arrays;
import java.util.function.Function;

/** The subjects there are, in the order of the table. To add one is to add a constant. */
enum SubjectKind {
  /** Expanse, on oneDNN. */
  EXPANSE("expanse", ExpanseSubject::new),
  /** Deeplearning4j's own layers. */
  STOCK_DL4J("stock-dl4j", StockDl4jSubject::new),
  /** PyTorch, eager, through DJL. */
  PYTORCH("pytorch", PyTorchSubject::new),
  /** Bare oneDNN primitives: no engine, but a bound for those that compute with them. */
  ONEDNN_FLOOR("onednn-floor", OneDnnFloorSubject::new);

  private final String key;
  private final Function<Workload, Subject> factory;

  SubjectKind(String key, Function<Workload, Subject> factory) {
    this.key = key;
    this.factory = factory;
  }

  /** Its name in tables and results. */
  @Override
  public String toString() {
    return key;
  }

  /** The subject itself, in this process. */
  Subject create(Workload workload) {
    return factory.apply(workload);
  }

  /** The kind of that name. */
  static SubjectKind named(String key) {
    return Arrays.stream(values()).filter(kind -> kind.key.equals(key)).findFirst().orElseThrow();
  }
}
