package dev.expanse.jobs.evaluation;

import java.io.Serializable;

/** What an evaluation counts, exactly; counts of parts of a split add up to those of the whole. */
public final class EvaluationCounts implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] images;
  private final long[] top5;
  private final ConfusionMatrix confusion;
  private double loss;

  /** No images yet. */
  public EvaluationCounts(int classes) {
    images = new long[classes];
    top5 = new long[classes];
    confusion = new ConfusionMatrix(classes);
  }

  /**
   * Counts one image. The network's choice is the class of the largest probability, where a tie
   * counts against the network, and what is not a number counts as larger than all numbers: an
   * image whose own class is not ahead of all others is counted as the first of the largest of the
   * others. So an answer of nothing but NaN counts as the first class that is not the image's own.
   *
   * @param label its class
   * @param probabilities the network's, {@code [classes]}
   */
  public void add(int label, float[] probabilities) {
    int ahead = 0;
    int other = -1;
    for (int c = 0; c < probabilities.length; c++) {
      if (c == label) {
        continue;
      }
      if (!(probabilities[c] < probabilities[label])) {
        ahead++;
      }
      // Float.compare has NaN above all numbers
      if (other < 0 || Float.compare(probabilities[c], probabilities[other]) > 0) {
        other = c;
      }
    }
    images[label]++;
    top5[label] += ahead < 5 ? 1 : 0;
    confusion.add(label, ahead < 1 ? label : other);
    loss -= Math.log(Math.max(probabilities[label], Float.MIN_NORMAL));
  }

  /** Adds the counts of other images. */
  public EvaluationCounts add(EvaluationCounts other) {
    for (int c = 0; c < images.length; c++) {
      images[c] += other.images[c];
      top5[c] += other.top5[c];
    }
    confusion.add(other.confusion);
    loss += other.loss;
    return this;
  }

  /** How many images were counted. */
  public long images() {
    return sum(images);
  }

  /** Share of the images whose own class is the network's first choice. */
  public double top1() {
    long right = 0;
    for (int c = 0; c < classes(); c++) {
      right += confusion.images(c, c);
    }
    return (double) right / images();
  }

  /** Share of the images whose own class is among the network's first five choices. */
  public double top5() {
    return (double) sum(top5) / images();
  }

  /** Standard error of {@link #top1}, binomial. */
  public double top1StandardError() {
    return Math.sqrt(top1() * (1 - top1()) / images());
  }

  /** Mean cross entropy, in nats. */
  public double loss() {
    return loss / images();
  }

  /** How many classes there are. */
  public int classes() {
    return images.length;
  }

  /** How many images of a class were counted. */
  public long images(int label) {
    return images[label];
  }

  /** Share of a class's images that the network's first choice recalls; NaN where there is none. */
  public double recall(int label) {
    return (double) confusion.images(label, label) / images[label];
  }

  /** Share of a class's images of which it is among the first five; NaN where there is none. */
  public double top5Recall(int label) {
    return (double) top5[label] / images[label];
  }

  /** Which class was taken for which; its diagonal is what {@link #top1} counts. */
  public ConfusionMatrix confusion() {
    return confusion;
  }

  /** The best top-1 without looking at the images: the share of the most frequent class. */
  public double chance() {
    long most = 0;
    for (long count : images) {
      most = Math.max(most, count);
    }
    return (double) most / images();
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
