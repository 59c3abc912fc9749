package dev.expanse.core.image;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Decodes, transforms and normalises batches on threads of its own, ahead of the one who takes
 * them. What a batch holds depends on its images and their seeds only, not on the number of
 * threads.
 *
 * <p>Memory is bounded: besides the batch that was taken last, {@code ahead} batches exist, and
 * their encoded images. One thread pulls from the source, which may block; as many as asked for
 * decode. Whoever takes batches is one thread; {@link #close} ends all the others.
 */
public final class BatchLoader implements Iterator<BatchLoader.Batch>, AutoCloseable {

  private final Plan plan;
  private final Iterator<List<EncodedImage>> source;
  private final ExecutorService decoders;
  private final Thread feeder;
  private final BlockingQueue<float[]> free;
  private final BlockingQueue<Pending> pending = new LinkedBlockingQueue<>(); // free bounds it
  private float[] taken;
  private Pending next;
  private volatile boolean closed;

  /**
   * How batches are made.
   *
   * @param transform to images of {@code side x side} pixels
   * @param normalization of their values
   * @param side of the images in a batch, in pixels
   * @param batch the most images of a batch
   * @param threads that decode
   * @param ahead batches that are made, or being made, before they are asked for
   */
  public record Plan(
      ImageTransform transform,
      Normalization normalization,
      int side,
      int batch,
      int threads,
      int ahead) {
    /**
     * Makes a plan.
     *
     * @throws IllegalArgumentException if a number is below 1
     */
    public Plan {
      if (side < 1 || batch < 1 || threads < 1 || ahead < 1) {
        throw new IllegalArgumentException(
            "Cannot load batches of %d images of side %d on %d threads, %d ahead"
                .formatted(batch, side, threads, ahead));
      }
    }

    int values() {
      return Math.multiplyExact(batch, Math.multiplyExact(3, Math.multiplyExact(side, side)));
    }
  }

  /**
   * What a network takes a step on.
   *
   * @param values of shape {@code [N, side, side, 3]}, channels last; behind them the array may go
   *     on. The array is filled anew once the next batch is asked for
   * @param labels the N labels
   */
  public record Batch(float[] values, int[] labels) {
    /** The number of images. */
    public int size() {
      return labels.length;
    }
  }

  /** A batch that is being made; without images, the end, or why the source broke off. */
  private record Pending(
      float[] values,
      List<EncodedImage> images,
      List<Future<Void>> decoded,
      RuntimeException failure) {

    boolean isMade() {
      return images != null && decoded.stream().allMatch(Future::isDone);
    }
  }

  /**
   * Starts to load.
   *
   * @param source the images of each batch; asked from one thread, and no longer once closed
   */
  public BatchLoader(Iterator<List<EncodedImage>> source, Plan plan) {
    this.source = source;
    this.plan = plan;
    this.free = new ArrayBlockingQueue<>(plan.ahead() + 1);
    for (int i = 0; i <= plan.ahead(); i++) {
      free.add(new float[plan.values()]);
    }
    this.decoders =
        Executors.newFixedThreadPool(plan.threads(), task -> daemon(task, "image-decoder"));
    this.feeder = daemon(this::feed, "image-feeder");
    feeder.start();
  }

  private static Thread daemon(Runnable task, String name) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private void feed() {
    try {
      while (!closed) {
        var values = free.take();
        if (!source.hasNext()) {
          break;
        }
        var images = source.next();
        if (images.isEmpty() || images.size() > plan.batch()) {
          throw new IllegalStateException(
              "Cannot make a batch of %d images: expected 1 to %d"
                  .formatted(images.size(), plan.batch()));
        }
        pending.add(new Pending(values, images, decode(images, values), null));
      }
      pending.add(new Pending(null, null, null, null));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (RuntimeException e) {
      pending.add(new Pending(null, null, null, e));
    } catch (Throwable e) { // else whoever waits would wait for ever
      var failure = new IllegalStateException("Cannot read images ahead: " + e, e);
      pending.add(new Pending(null, null, null, failure));
    } finally {
      decoders.shutdown(); // when they have done what there is
    }
  }

  private List<Future<Void>> decode(List<EncodedImage> images, float[] values) {
    var decoded = new ArrayList<Future<Void>>(images.size());
    for (int i = 0; i < images.size(); i++) {
      var image = images.get(i);
      int index = i;
      Callable<Void> task =
          () -> {
            var random = new SplittableRandom(image.seed());
            var view = plan.transform().decode(image.file(), random);
            plan.normalization().write(view, values, index);
            return null;
          };
      decoded.add(decoders.submit(task));
    }
    return decoded;
  }

  /**
   * Whether there is another batch; waits for the source to tell.
   *
   * @throws RuntimeException what the source threw
   * @throws IllegalStateException if the source threw an error, its cause, if the loader is closed,
   *     or the thread is interrupted
   */
  @Override
  public boolean hasNext() {
    if (next == null) {
      giveBack();
      next = await();
    }
    if (next.failure() != null) {
      throw next.failure();
    }
    return next.images() != null;
  }

  /** How many batches are made and wait to be asked for; for any thread. */
  public int ready() {
    return (int) pending.stream().filter(Pending::isMade).count();
  }

  private void giveBack() {
    if (taken != null) {
      free.add(taken);
      taken = null;
    }
  }

  private Pending await() {
    if (closed) {
      throw new IllegalStateException("Cannot load from a closed loader");
    }
    try {
      return pending.take();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * The next batch; waits until it is made.
   *
   * @throws NoSuchElementException if there is none
   * @throws IllegalStateException if an image cannot be decoded (the message has its name), the
   *     loader is closed, or the thread is interrupted
   */
  @Override
  public Batch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("No more batches");
    }
    var batch = next;
    next = null;
    taken = batch.values();
    for (int i = 0; i < batch.images().size(); i++) {
      finish(batch.decoded().get(i), batch.images().get(i).name());
    }
    return new Batch(
        batch.values(), batch.images().stream().mapToInt(EncodedImage::label).toArray());
  }

  private static void finish(Future<Void> decoded, String name) {
    try {
      decoded.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(name + ": " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Interrupted while waiting for images", e);
  }

  /** Ends all threads, and drops what was made ahead. */
  @Override
  public void close() {
    closed = true;
    feeder.interrupt();
    decoders.shutdownNow();
    pending.clear();
  }
}
