package dev.expanse.bench;

import java.util.List;
import java.util.stream.Stream;

/**
 * What the workers train.
 *
 * @param network a name that {@link BenchNetworks} knows
 * @param side of the square images, in pixels
 * @param batch images a step of a worker
 * @param threads that each worker computes on
 * @param steps of each worker in a round
 */
record AveragingWorkload(String network, int side, int batch, int threads, int steps) {
  static final String BENCHMARK = "averaging";

  /** Worker processes, each for one worker. */
  static final int WORKERS = 2;

  /** The name of a graph of so few weights that a round of it has little else than Spark's cost. */
  static final String TINY = "tiny";

  /** The network and its steps, as the benchmark of engines has them. */
  EngineWorkload training() {
    return new EngineWorkload(network, side, batch, threads);
  }

  /** What {@link #arguments} wrote. */
  static AveragingWorkload parse(List<String> arguments) {
    return new AveragingWorkload(
        arguments.get(0),
        Integer.parseInt(arguments.get(1)),
        Integer.parseInt(arguments.get(2)),
        Integer.parseInt(arguments.get(3)),
        Integer.parseInt(arguments.get(4)));
  }

  /** All of it, for the command line of a process. */
  List<String> arguments() {
    return Stream.of(network, side, batch, threads, steps).map(String::valueOf).toList();
  }
}
