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
public enum Engine implements InferenceEngine {
  /** Deeplearning4j's own layers. */
  STOCK {
    @Override
    void addLayers(Network network, GraphBuilder graph) {
      new StockLayers(graph, network).add();
    }

    @Override
    public Optional<String> unsupported(Network network) {
      return StockLayers.unsupported(network);
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
      return new StockClassifier(network, weights, batch, threads);
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

  @Override
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

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
