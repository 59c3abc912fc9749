package dev.expanse.bench;

import java.util.List;

/**
 * What Expanse and the floor do with one of many networks.
 *
 * @param engine the network, its images and its threads
 */
record FamiliesWorkload(EngineWorkload engine) implements Workload<EngineSubjectKind> {
  static final String BENCHMARK = "families";

  /** What {@link #arguments} wrote. */
  static FamiliesWorkload parse(List<String> arguments) {
    return new FamiliesWorkload(EngineWorkload.parse(arguments));
  }

  @Override
  public List<String> arguments() {
    return engine.arguments();
  }

  @Override
  public String benchmark() {
    return BENCHMARK;
  }

  @Override
  public List<EngineSubjectKind> subjects() {
    return List.of(EngineSubjectKind.EXPANSE, EngineSubjectKind.ONEDNN_FLOOR);
  }

  @Override
  public Subject create(EngineSubjectKind subject) {
    return engine.create(subject);
  }

  /** Training first. */
  @Override
  public List<Task> tasks() {
    return List.of(engine.training(), engine.inference());
  }

  @Override
  public boolean includes(EngineSubjectKind subject, Task task) {
    return engine.includes(subject, task);
  }

  @Override
  public int threads() {
    return engine.threads();
  }

  @Override
  public List<String> jvmOptions() {
    return engine.jvmOptions();
  }
}
