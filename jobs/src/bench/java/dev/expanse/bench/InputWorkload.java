package dev.expanse.bench;

import dev.expanse.bench.Task.What;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What every subject does: from JPEG files to pixels, or to views in a batch. A task is one pass
 * over all photographs, by each thread.
 *
 * @param folder of the photographs, and of nothing else
 * @param photographs how many there are
 * @param side of the square views, in pixels
 * @param threads that each make a pass of their own at the same time
 */
record InputWorkload(Path folder, int photographs, int side, int threads)
    implements Workload<InputSubjectKind> {
  static final String BENCHMARK = "input";

  /** What {@link #arguments} wrote. */
  static InputWorkload parse(List<String> arguments) {
    return new InputWorkload(
        Path.of(arguments.get(0)),
        Integer.parseInt(arguments.get(1)),
        Integer.parseInt(arguments.get(2)),
        Integer.parseInt(arguments.get(3)));
  }

  @Override
  public List<String> arguments() {
    return Stream.of(folder, photographs, side, threads).map(String::valueOf).toList();
  }

  @Override
  public String benchmark() {
    return BENCHMARK;
  }

  @Override
  public List<InputSubjectKind> subjects() {
    return List.of(InputSubjectKind.values());
  }

  @Override
  public Subject create(InputSubjectKind subject) {
    try {
      return new InputSubject(Photograph.all(folder), threads, side, subject::pipeline);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<Task> tasks() {
    return Stream.of(What.DECODE, What.AUGMENT, What.EVALUATE, What.READER)
        .map(what -> new Task(what, photographs))
        .toList();
  }

  @Override
  public boolean includes(InputSubjectKind subject, Task task) {
    return subject.does(task.what());
  }

  /** So that the garbage collector takes no more cores than the subject has threads. */
  @Override
  public List<String> jvmOptions() {
    return List.of("-XX:ActiveProcessorCount=" + threads);
  }
}
