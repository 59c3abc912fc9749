package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The images of slices, in their order; no more than one slice of them is in memory. */
public final class SliceReader implements Iterator<LabelledImage> {
  private final Iterator<Slice> slices;
  private final int classes;
  private final Configuration hadoop;
  private Iterator<LabelledImage> images = List.<LabelledImage>of().iterator();

  /**
   * Reads nothing yet.
   *
   * @param classes labels are below it
   * @param hadoop how to reach the shards
   */
  public SliceReader(List<Slice> slices, int classes, Configuration hadoop) {
    this.slices = slices.iterator();
    this.classes = classes;
    this.hadoop = hadoop;
  }

  /**
   * The images of one slice.
   *
   * @throws InvalidInputException if it has no such images, or cannot be read
   */
  public static List<LabelledImage> read(Slice slice, int classes, Configuration hadoop) {
    var images = new ArrayList<LabelledImage>(slice.images());
    var file = new Path(slice.group().shard());
    try (var shard = ShardFile.open(file, hadoop)) {
      shard.read(slice, classes, images::add);
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // Parquet has no one exception for a bad page
      throw new InvalidInputException(
          file + ": cannot be read, expected a sound Parquet file: " + e, e);
    }
    return images;
  }

  @Override
  public boolean hasNext() {
    while (!images.hasNext() && slices.hasNext()) {
      images = read(slices.next(), classes, hadoop).iterator();
    }
    return images.hasNext();
  }

  @Override
  public LabelledImage next() {
    if (!hasNext()) {
      throw new NoSuchElementException("No more images");
    }
    return images.next();
  }
}
