package dev.expanse.core.network;

import java.util.List;

/** Checks how many inputs an operation is given. */
final class Inputs {
  private Inputs() {}

  static void require(List<Shape> inputs, int count) {
    if (inputs.size() != count) {
      throw new IllegalArgumentException("takes " + count + " inputs, not " + inputs);
    }
  }

  static Shape only(List<Shape> inputs) {
    require(inputs, 1);
    return inputs.get(0);
  }
}
