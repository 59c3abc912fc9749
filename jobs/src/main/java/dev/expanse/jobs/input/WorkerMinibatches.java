package dev.expanse.jobs.input;

import dev.expanse.core.image.EncodedImage;
import dev.expanse.jobs.data.LabelledImage;
import dev.expanse.jobs.data.SliceReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;

/**
 * The minibatches of one worker, still encoded, from any step on to the end of the last epoch. One
 * window of the {@link EpochPlan} is in memory.
 */
public final class WorkerMinibatches implements Iterator<List<EncodedImage>> {
  private final EpochPlan plan;
  private final int worker;
  private final int epochs;
  private final int classes;
  private final Configuration hadoop;
  private int epoch;
  private int step;
  private Iterator<EpochPlan.Window> windows;
  private List<LabelledImage> images = List.of();
  private int[] order = {};
  private int taken;

  /**
   * Reads nothing yet.
   *
   * @param worker from 0
   * @param epochs the last epoch, from 1
   * @param epoch of the first minibatch, from 1
   * @param step of the first minibatch in its epoch, from 0
   * @param classes labels are below it
   * @param hadoop how to reach the shards
   */
  public WorkerMinibatches(
      EpochPlan plan,
      int worker,
      int epochs,
      int epoch,
      int step,
      int classes,
      Configuration hadoop) {
    this.plan = plan;
    this.worker = worker;
    this.epochs = epochs;
    this.classes = classes;
    this.hadoop = hadoop;
    this.epoch = epoch;
    this.step = step;
  }

  @Override
  public boolean hasNext() {
    return epoch <= epochs;
  }

  private long size() {
    return plan.before(worker, step + 1) - plan.before(worker, step);
  }

  @Override
  public List<EncodedImage> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("No more epochs");
    }
    if (windows == null) {
      seek(plan.before(worker, step));
    }
    var minibatch = new ArrayList<EncodedImage>();
    for (long left = size(); left > 0; left--) {
      minibatch.add(nextImage());
    }
    step++;
    if (step == plan.steps() || size() == 0) {
      step = 0;
      epoch++;
      windows = null;
    }
    return minibatch;
  }

  /** Goes to where so many images of the epoch have been taken. */
  private void seek(long position) {
    var all = plan.windows(epoch, worker);
    int current = 0;
    while (current + 1 < all.size() && all.get(current + 1).first() <= position) {
      current++;
    }
    windows = all.subList(current, all.size()).iterator();
    open(windows.next());
    taken = Math.toIntExact(position - all.get(current).first());
  }

  private void open(EpochPlan.Window window) {
    images = List.of(); // for the garbage collector, before there are others
    var read = new ArrayList<LabelledImage>(window.images());
    new SliceReader(window.slices(), classes, hadoop).forEachRemaining(read::add);
    images = read;
    order = window.order();
    taken = 0;
  }

  private EncodedImage nextImage() {
    if (taken == order.length) {
      open(windows.next());
    }
    var image = images.set(order[taken++], null);
    return new EncodedImage(
        image.bytes(), image.path(), image.label(), plan.seed(epoch, image.index()));
  }
}
