package dev.expanse.jobs.input;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.random.Well19937c;

/**
 * How the labels of a training minibatch are softened, and its images mixed.
 *
 * @param labelSmoothing the share of a label that is spread evenly over all classes (Szegedy et
 *     al., "Rethinking the Inception Architecture for Computer Vision", 2016, section 7)
 * @param mixup alpha of the distribution Beta(alpha, alpha) of the share that an image has in its
 *     mixture with another (Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018); 0 for
 *     no mixtures
 */
public record Mixing(double labelSmoothing, double mixup) implements Serializable {

  /** Labels and images as they are. */
  public static final Mixing NONE = new Mixing(0, 0);

  /**
   * The share that each image of a minibatch has in its mixture; the image as far from the end of
   * the minibatch as it is from the beginning has the rest. One for the whole minibatch, as in
   * timm.
   *
   * @param seed of the draw
   */
  double share(long seed) {
    return mixup == 0 ? 1 : new BetaDistribution(new Well19937c(seed), mixup, mixup).sample();
  }

  /**
   * Labels as shares of the classes.
   *
   * @param labels the N labels
   * @param share of each image in its mixture
   * @return of shape {@code [N, classes]}; each row sums to 1
   */
  float[] labels(int[] labels, int classes, double share) {
    var shares = new float[labels.length * classes];
    float spread = (float) (labelSmoothing / classes);
    Arrays.fill(shares, spread);
    for (int i = 0; i < labels.length; i++) {
      int other = labels[labels.length - 1 - i];
      shares[i * classes + labels[i]] += (float) ((1 - labelSmoothing) * share);
      shares[i * classes + other] += (float) ((1 - labelSmoothing) * (1 - share));
    }
    return shares;
  }

  /**
   * Mixes images in place.
   *
   * @param values of at least {@code count} images, one after the other
   * @param length values of an image
   * @param share of each image in its mixture
   */
  static void mix(float[] values, int count, int length, double share) {
    float own = (float) share;
    float rest = (float) (1 - share);
    for (int i = 0; i < count / 2; i++) {
      int a = i * length;
      int b = (count - 1 - i) * length;
      for (int at = 0; at < length; at++) {
        float first = values[a + at];
        float second = values[b + at];
        values[a + at] = own * first + rest * second;
        values[b + at] = own * second + rest * first;
      }
    }
  }
}
