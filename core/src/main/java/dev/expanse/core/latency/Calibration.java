package dev.expanse.core.latency;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;

/**
 * A small network that never changes. Its latency before and after that of another network says how
 * quiet the machine was meanwhile: both would be equal on one that nothing disturbs.
 */
public final class Calibration {
  /** The network, written out in full so that no default changes it. */
  public static final NetworkSpec NETWORK =
      NetworkSpec.read(
          Settings.parse(
              """
              name = calibration, family = inverted-residual, resolution = 64, classes = 10
              table = [[1, 16, 1, 1, 3], [6, 24, 2, 2, 3], [6, 32, 2, 2, 3]]
              stem = 16, head = 128, width = 1, dropout = 0, squeeze-excite = 0
              """,
              "calibration"));

  /** How it is measured. */
  public static final LatencyProtocol PROTOCOL = new LatencyProtocol(256, 0.1, 1, 0.03);

  private Calibration() {}

  /** The relative difference of two latencies, of the smaller one: 0.1 is a tenth more. */
  public static double noise(double beforeMs, double afterMs) {
    return Math.max(beforeMs, afterMs) / Math.min(beforeMs, afterMs) - 1;
  }
}
