package dev.expanse.core.dl4j;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.core.onednn.OneDnn;
import dev.expanse.core.onednn.Team;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.nd4j.linalg.api.buffer.DataType;

/** Whose code computes a network, in training and in inference. */
public enum Engine {
  /** Deeplearning4j's own layers. */
  STOCK {
    @Override
    void addLayers(Network network, GraphBuilder graph) {
      new StockLayers(graph, network).add();
    }

    @Override
    public Optional<String> unavailable() {
      return Optional.empty();
    }

    @Override
    public void useThreads(int threads) {
      NativeThreads.use(threads);
    }

    @Override
    public Classifier classifier(
        Network network, Weights weights, int batch, int threads, Choice choice) {
      return new StockClassifier(network, weights, threads);
    }
  },

  /**
   * oneDNN: in training, layers of our own for what takes the time and Deeplearning4j's for the
   * rest; in inference, a {@link CompiledNetwork}.
   */
  ONEDNN {
    @Override
    void addLayers(Network network, GraphBuilder graph) {
      new OneDnnLayers(graph, network).add();
    }

    @Override
    void checkPrecision(DataType precision) {
      if (precision != DataType.FLOAT) {
        throw new IllegalArgumentException(
            "Cannot train in " + precision + " on oneDNN: expected FLOAT");
      }
    }

    @Override
    public Optional<String> unavailable() {
      return OneDnn.unavailable();
    }

    @Override
    public void useThreads(int threads) {
      NativeThreads.use(1); // ND4J's little work is not worth threads that spin beside the team's
      Team.use(threads);
    }

    @Override
    public Classifier classifier(
        Network network, Weights weights, int batch, int threads, Choice choice) {
      return new CompiledClassifier(
          CompiledNetwork.compile(network, weights, batch, threads, choice));
    }
  };

  /** Its name in configurations and results. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Why it cannot be used here, in one sentence; empty where it can. */
  public abstract Optional<String> unavailable();

  /**
   * Sets how many threads compute what is called from the current thread, in ND4J, OpenBLAS and
   * oneDNN alike. It is to be called before anything is computed: by itself ND4J takes more than
   * there are cores.
   *
   * @throws IllegalArgumentException if {@code threads} is below 1
   */
  public abstract void useThreads(int threads);

  /**
   * Makes ready for queries, for the calling thread.
   *
   * @param batch images a query, at most
   * @param threads threads of a query
   * @param choice whether equal results or speed is wanted, where an engine can choose
   * @throws IllegalArgumentException if it does not compute an operation of the network
   * @throws IllegalStateException if it is unavailable
   */
  public abstract Classifier classifier(
      Network network, Weights weights, int batch, int threads, Choice choice);

  /**
   * Adds every operation but the image, which is an input of the graph already; feature maps are
   * {@code [N, H, W, C]}. The output layer has a softmax with cross entropy, and so have auxiliary
   * ones.
   */
  abstract void addLayers(Network network, GraphBuilder graph);

  /**
   * @throws IllegalArgumentException if the layers do not compute in that precision
   */
  void checkPrecision(DataType precision) {}
}
