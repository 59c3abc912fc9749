package dev.expanse.bench;

/** The masters there are, in the order of the table. */
enum AveragingKind {
  /** {@link dev.expanse.jobs.averaging.AveragingMaster}. */
  EXPANSE("expanse"),
  /** {@link org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster}. */
  DL4J("dl4j");

  private final String key;

  AveragingKind(String key) {
    this.key = key;
  }

  /** The one of that name. */
  static AveragingKind of(String name) {
    return valueOf(name.toUpperCase(java.util.Locale.ROOT));
  }

  /** Its name in tables and results. */
  @Override
  public String toString() {
    return key;
  }
}
