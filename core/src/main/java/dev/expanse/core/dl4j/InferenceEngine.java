package dev.expanse.core.dl4j;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import java.io.Serializable;
import java.util.Optional;

/** Whose code answers queries. */
public sealed interface InferenceEngine extends Serializable permits Engine, OnnxRuntimeEngine {

  /** Its name in configurations and results. */
  String id();

  /** True if it computes on an NVIDIA GPU, false on the processor. */
  default boolean usesGpu() {
    return false;
  }

  /** Why it cannot be used here, in one sentence; empty where it can. */
  Optional<String> unavailable();

  /** What it lacks for a network, such as a layer; empty if nothing. */
  default Optional<String> unsupported(Network network) {
    return Optional.empty();
  }

  /**
   * Sets how many threads compute what is called from the current thread, in ND4J, OpenBLAS and
   * oneDNN alike. It is to be called before anything is computed: by itself ND4J takes more than
   * there are cores.
   *
   * @throws IllegalArgumentException if {@code threads} is below 1
   */
  void useThreads(int threads);

  /**
   * Makes ready for queries, for the calling thread.
   *
   * @param batch images a query, at most
   * @param threads threads of a query
   * @param choice whether equal results or speed is wanted, where an engine can choose
   * @throws IllegalArgumentException if it does not compute an operation of the network
   * @throws IllegalStateException if it is unavailable
   */
  Classifier classifier(Network network, Weights weights, int batch, int threads, Choice choice);
}
