package dev.expanse.core.network;

/**
 * A family of networks: a table and a few knobs, and the one loop that makes a {@link Network} of
 * them. A family is a record in a file of its own in this package, known to {@link Families}.
 */
public interface Family {

  /** The name by which {@code family = ...} finds it, such as {@code inverted-residual}. */
  String key();

  /**
   * Its table and knobs as HOCON on one line, which {@link Families} reads back to an equal one.
   */
  String toHocon();

  /**
   * The network.
   *
   * @param resolution side of the square images, in pixels
   * @param classes how many classes it tells apart
   * @throws IllegalArgumentException if the table makes no network at that resolution
   */
  Network network(int resolution, int classes);
}
