package dev.expanse.jobs.data;

import java.io.Serializable;

/**
 * An image of a dataset, still encoded.
 *
 * @param bytes the file
 * @param path the file's name in the dataset's source; where there is none, its shard and row
 * @param label index of its class in the dataset
 * @param index its place in its split, from 0, in the order of the shards
 */
@SuppressWarnings("java:S6218") // compared by nobody
public record LabelledImage(byte[] bytes, String path, int label, long index)
    implements Serializable {}
