package dev.expanse.jobs.input;

import dev.expanse.jobs.data.RowGroup;
import dev.expanse.jobs.data.Slice;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which images each worker trains on in an epoch, in which order and in which minibatches, as far
 * as that can be said without reading one.
 *
 * <p>Each epoch has an order of its own of the row groups, which are dealt to the workers: no image
 * twice, and as many to one worker as to another, or one more. A worker reads some row groups at a
 * time, a window, and takes the images of a window in random order. All workers take equally many
 * steps on full minibatches. Images left over make up a last step of smaller ones, if these are at
 * least half as large, or if there are no full ones. Else they are left out, others in each epoch:
 * a batch norm's gradient explodes where it sees next to no values, as two images do at the end of
 * a network on 32 x 32.
 *
 * @param groups all row groups of the split
 * @param workers how many workers there are
 * @param batch the most images of a minibatch
 * @param windowBytes a window is as many row groups as make up so many bytes
 * @param seed of all orders
 */
public record EpochPlan(List<RowGroup> groups, int workers, int batch, long windowBytes, long seed)
    implements Serializable {

  /** Enough encoded photographs to mix well, some hundreds, and few enough for a small heap. */
  public static final long WINDOW_BYTES = 64L << 20;

  /**
   * Images that are in memory at once.
   *
   * @param first how many images of the worker's epoch come before it
   * @param slices where its images are
   * @param seed of their order
   */
  public record Window(long first, List<Slice> slices, long seed) {
    /** How many images it has. */
    public int images() {
      return slices.stream().mapToInt(Slice::images).sum();
    }

    /** Which of its images comes first, second and so on. */
    public int[] order() {
      return Seeds.permutation(images(), seed);
    }
  }

  /** How many images an epoch has. */
  public long images() {
    return Math.min(all(), steps() * aStep());
  }

  private long all() {
    return groups.stream().mapToLong(RowGroup::images).sum();
  }

  /** Steps of an epoch. */
  public int steps() {
    return Math.toIntExact(Math.max(1, (all() + aStep() / 2) / aStep()));
  }

  private long aStep() {
    return Math.multiplyExact((long) workers, batch);
  }

  /** How many images a worker, from 0, has in each epoch. */
  public long images(int worker) {
    long full = steps() - 1L;
    long left = images() - full * aStep();
    return full * batch
        + Slice.share(left, workers, worker + 1)
        - Slice.share(left, workers, worker);
  }

  /** How many images a worker has seen in an epoch before a step, from 0. */
  public long before(int worker, int step) {
    return Math.min((long) step * batch, images(worker));
  }

  /** How many images all workers have seen in an epoch before a step. */
  public long before(int step) {
    long seen = 0;
    for (int worker = 0; worker < workers; worker++) {
      seen += before(worker, step);
    }
    return seen;
  }

  /** What a worker, from 0, reads in an epoch, in its order. */
  public List<Window> windows(int epoch, int worker) {
    long epochSeed = Seeds.mix(seed, 2L * epoch);
    var shuffled = new ArrayList<RowGroup>(groups.size());
    for (int place : Seeds.permutation(groups.size(), epochSeed)) {
      shuffled.add(groups.get(place));
    }
    var windows = new ArrayList<Window>();
    var slices = new ArrayList<Slice>();
    long first = 0;
    long bytes = 0;
    var left = Slice.deal(shuffled, counts()).get(worker).iterator();
    while (left.hasNext()) {
      var slice = left.next();
      slices.add(slice);
      bytes += slice.group().bytes();
      if (bytes >= windowBytes || !left.hasNext()) {
        var window = new Window(first, List.copyOf(slices), Seeds.mix(epochSeed, windows.size()));
        windows.add(window);
        first += window.images();
        slices.clear();
        bytes = 0;
      }
    }
    return windows;
  }

  private long[] counts() {
    return IntStream.range(0, workers).mapToLong(this::images).toArray();
  }

  /** The seed of an image's chance decisions in an epoch. */
  public long seed(int epoch, long index) {
    return Seeds.mix(Seeds.mix(seed, 2L * epoch + 1), index);
  }
}
