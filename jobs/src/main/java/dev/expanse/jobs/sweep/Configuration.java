package dev.expanse.jobs.sweep;

import dev.expanse.core.network.NetworkSpec;

/**
 * A network and the seed of its training.
 *
 * @param id equal for configurations that differ in nothing but their seeds
 * @param training equal for configurations of which every number but a time would be equal
 * @param key of its row in the sweep's table
 * @param network with the dataset's number of classes
 * @param seed of the training
 * @param bounded whether the constraints of the sweep's space hold for it
 */
record Configuration(
    String id, String training, String key, NetworkSpec network, long seed, boolean bounded) {

  /** The same under the key of another row. */
  Configuration withKey(String another) {
    return new Configuration(id, training, another, network, seed, bounded);
  }
}
