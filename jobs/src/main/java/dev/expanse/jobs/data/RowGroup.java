package dev.expanse.jobs.data;

import java.io.Serializable;

/**
 * The part of a shard that is read at once.
 *
 * @param shard the Parquet file, with its scheme and from its root on, for other processes
 * @param ordinal which of the file's row groups, from 0
 * @param first the place of its first image in the split, from 0, in the order of the shards
 * @param images how many images it has
 * @param bytes of its columns, as stored
 */
public record RowGroup(String shard, int ordinal, long first, int images, long bytes)
    implements Serializable {}
