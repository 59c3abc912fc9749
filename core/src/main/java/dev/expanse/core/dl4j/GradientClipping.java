package dev.expanse.core.dl4j;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Scales a gradient that is too long down to a given length, the whole of it by one factor (Pascanu
 * et al., "On the difficulty of training recurrent neural networks", 2013, algorithm 1). The length
 * is the L2 norm of the loss's gradient, averaged over the minibatch, without weight decay. Running
 * statistics, which Deeplearning4j keeps among the gradients, neither count nor are scaled.
 */
public final class GradientClipping extends BaseTrainingListener implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double longest;
  private transient INDArray whole;
  private transient List<INDArray> parts;

  /**
   * @param longest the largest norm, above 0
   * @throws IllegalArgumentException if it is not above 0
   */
  public GradientClipping(double longest) {
    if (!(longest > 0)) {
      throw new IllegalArgumentException("Cannot clip gradients to a norm of " + longest);
    }
    this.longest = longest;
  }

  @Override
  public void onGradientCalculation(Model model) {
    var graph = (ComputationGraph) model;
    double squares = 0;
    for (var part : parts(graph)) {
      squares += Nd4j.getBlasWrapper().dot(part, part); // norm2 takes several times as long
    }
    // the updater, which comes next, divides what is still a sum
    double norm = Math.sqrt(squares) / graph.batchSize();
    if (norm > longest) {
      for (var part : parts) {
        part.muli(longest / norm);
      }
    }
  }

  private List<INDArray> parts(ComputationGraph graph) {
    if (whole != graph.getFlattenedGradients()) {
      whole = graph.getFlattenedGradients();
      parts = parts(graph, whole.reshape(whole.length()));
    }
    return parts;
  }

  /** The gradients of what is learned, neighbours in one array. */
  private static List<INDArray> parts(ComputationGraph graph, INDArray gradients) {
    var learned = new ArrayList<INDArray>();
    long from = 0;
    long to = 0;
    for (int place : graph.topologicalSortOrder()) {
      var vertex = graph.getVertices()[place];
      if (vertex.numParams() == 0) {
        continue;
      }
      for (var parameter : vertex.paramTable(false).entrySet()) {
        long end = to + parameter.getValue().length();
        if (!vertex.updaterDivideByMinibatch(parameter.getKey())) { // no gradient
          add(learned, gradients, from, to);
          from = end;
        }
        to = end;
      }
    }
    add(learned, gradients, from, to);
    return learned;
  }

  private static void add(List<INDArray> parts, INDArray gradients, long from, long to) {
    if (to > from) {
      parts.add(gradients.get(NDArrayIndex.interval(from, to)));
    }
  }
}
