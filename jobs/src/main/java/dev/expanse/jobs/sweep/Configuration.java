package dev.expanse.jobs.sweep;

import dev.expanse.core.network.NetworkSpec;

/**
 * A network and the seed of its training.
 *
 * @param hash equal for configurations of which every number but a time would be equal
 * @param key of its row in the sweep's table
 * @param network with the dataset's number of classes
 * @param seed of the training
 */
record Configuration(String hash, String key, NetworkSpec network, long seed) {}
