package dev.expanse.bench;

/**
 * An engine that is measured, with the network of an {@link EngineWorkload}, fresh weights and
 * random images.
 */
interface EngineSubject extends Subject {

  /** One training step at the workload's batch, with SGD of momentum 0.9: its milliseconds. */
  double train();

  /** Inference of {@code batch} images, 1 or the workload's batch: its milliseconds. */
  double infer(int batch);

  @Override
  default double run(Task task) {
    return switch (task.what()) {
      case TRAIN -> train();
      case INFER -> infer(task.batch());
      case DECODE, AUGMENT, EVALUATE, READER ->
          throw new IllegalArgumentException("An engine has no task " + task);
    };
  }
}
