package dev.expanse.core.network;

import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Dropout;
import dev.expanse.core.network.Operation.GlobalAveragePool;

/** What most networks end with. */
final class Classifier {
  private Classifier() {}

  /**
   * The network of what the builder has, with the mean of each channel of {@code x}, dropout where
   * its rate is not 0, and a fully connected layer at its end.
   */
  static Network pooled(Network.Builder builder, double dropout, int classes, Network.Node x) {
    return of(builder, dropout, classes, builder.add("pool", new GlobalAveragePool(), x));
  }

  /** As above, of a vector. */
  static Network of(Network.Builder builder, double dropout, int classes, Network.Node x) {
    builder.add("classifier", new Dense(classes), dropped(builder, "dropout", dropout, x));
    return builder.build();
  }

  /** {@code x} after dropout, or as it is where the rate is 0. */
  static Network.Node dropped(Network.Builder builder, String name, double rate, Network.Node x) {
    return rate > 0 ? builder.add(name, new Dropout(rate), x) : x;
  }
}
