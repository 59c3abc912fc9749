package dev.expanse.core.dl4j;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;

/**
 * Where a graph of either engine keeps the running means and variances of its batch norms, among
 * its flattened parameters. Gradients do not move them, and variances cannot be averaged: those of
 * several workers have to be combined as moments, or what differs between the workers is lost.
 */
public final class RunningStatistics implements Serializable {
  private static final long serialVersionUID = 1L;

  private final List<Norm> norms;

  /**
   * One batch norm.
   *
   * @param mean index of the first channel's mean
   * @param spread index of the first channel's variance, or log10 of its deviation
   * @param channels how many channels
   * @param logarithmic whether the spread is log10 of the deviation
   * @param momentum share of the old statistics that a step keeps
   */
  private record Norm(long mean, long spread, int channels, boolean logarithmic, double momentum)
      implements Serializable {
    double variance(float stored) {
      return logarithmic ? LogDeviation.variance(stored) : stored;
    }

    float stored(double variance) {
      return logarithmic ? LogDeviation.of(variance) : (float) variance;
    }
  }

  private RunningStatistics(List<Norm> norms) {
    this.norms = norms;
  }

  /** Finds the batch norms of a graph. */
  public static RunningStatistics of(ComputationGraph graph) {
    var norms = new ArrayList<Norm>();
    for (var layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof OneDnnLayer conf && conf.normMomentum().isPresent()) {
        var mean = layer.getParam(OneDnnParameters.MEAN);
        var variance = layer.getParam(OneDnnParameters.VARIANCE);
        double momentum = conf.normMomentum().getAsDouble();
        norms.add(new Norm(mean.offset(), variance.offset(), (int) mean.length(), false, momentum));
      } else if (layer.conf().getLayer() instanceof BatchNormalization norm) {
        var mean = layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN);
        var spread =
            layer.getParam(
                norm.isUseLogStd()
                    ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                    : BatchNormalizationParamInitializer.GLOBAL_VAR);
        norms.add(
            new Norm(
                mean.offset(),
                spread.offset(),
                (int) mean.length(),
                norm.isUseLogStd(),
                norm.getDecay()));
      }
    }
    return new RunningStatistics(List.copyOf(norms));
  }

  /** True if the graph has no batch norm. */
  public boolean isEmpty() {
    return norms.isEmpty();
  }

  /**
   * Turns variances into second moments, in place, so that weighted means of several workers'
   * parameters are those of all their activations.
   *
   * @param parameters flattened
   * @param reference flattened parameters, of whose means moments are taken: near to those of
   *     {@code parameters}, so that nothing is lost by cancellation
   */
  public void toMoments(float[] parameters, float[] reference) {
    for (var norm : norms) {
      for (int c = 0; c < norm.channels(); c++) {
        double distance = (double) parameters[at(norm.mean(), c)] - reference[at(norm.mean(), c)];
        int spread = at(norm.spread(), c);
        parameters[spread] = (float) (norm.variance(parameters[spread]) + distance * distance);
      }
    }
  }

  /**
   * Turns second moments back into variances, in place.
   *
   * @param moments flattened, averaged, of {@link #toMoments}
   * @param reference the same as there
   */
  public void toVariances(float[] moments, float[] reference) {
    for (var norm : norms) {
      for (int c = 0; c < norm.channels(); c++) {
        double distance = (double) moments[at(norm.mean(), c)] - reference[at(norm.mean(), c)];
        int spread = at(norm.spread(), c);
        moments[spread] = norm.stored(Math.max(0, moments[spread] - distance * distance));
      }
    }
  }

  /** Copies means and variances from one graph's flattened parameters to another's. */
  public void copy(float[] from, float[] to) {
    for (var norm : norms) {
      for (int c = 0; c < norm.channels(); c++) {
        to[at(norm.mean(), c)] = from[at(norm.mean(), c)];
        to[at(norm.spread(), c)] = from[at(norm.spread(), c)];
      }
    }
  }

  /** Sets means and variances to nothing, in place, so that a step leaves a share of its own. */
  public void forget(float[] parameters) {
    for (var norm : norms) {
      for (int c = 0; c < norm.channels(); c++) {
        parameters[at(norm.mean(), c)] = 0;
        parameters[at(norm.spread(), c)] = norm.stored(0);
      }
    }
  }

  /** Sums of what minibatches have seen, at fixed weights. */
  public final class Sums {
    private final double[] means;
    private final double[] moments;
    private long images;

    private Sums() {
      int channels = norms.stream().mapToInt(Norm::channels).sum();
      means = new double[channels];
      moments = new double[channels];
    }

    /**
     * Adds a minibatch.
     *
     * @param parameters flattened, after a step that began with {@link #forget}
     * @param size how many images it had
     */
    public void add(float[] parameters, int size) {
      int i = 0;
      for (var norm : norms) {
        double share = 1 - norm.momentum();
        for (int c = 0; c < norm.channels(); c++, i++) {
          double mean = parameters[at(norm.mean(), c)] / share;
          double variance = norm.variance(parameters[at(norm.spread(), c)]) / share;
          means[i] += size * mean;
          moments[i] += size * (variance + mean * mean);
        }
      }
      images += size;
    }

    /** Writes means and variances over all minibatches into flattened parameters. */
    public void write(float[] parameters) {
      if (images == 0) {
        throw new IllegalStateException("Cannot say what no image has shown");
      }
      int i = 0;
      for (var norm : norms) {
        for (int c = 0; c < norm.channels(); c++, i++) {
          double mean = means[i] / images;
          parameters[at(norm.mean(), c)] = (float) mean;
          parameters[at(norm.spread(), c)] =
              norm.stored(Math.max(0, moments[i] / images - mean * mean));
        }
      }
    }
  }

  /** Sums of no minibatch yet. */
  public Sums sums() {
    return new Sums();
  }

  private static int at(long first, int channel) {
    return Math.toIntExact(first + channel);
  }
}
