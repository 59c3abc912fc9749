package dev.expanse.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.expanse.core.image.BatchLoader.Batch;
import dev.expanse.core.image.BatchLoader.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A batch loader")
@Timeout(60)
class BatchLoaderTest {
  private static final int SIDE = 24;
  private static final byte[] PHOTO = TestImages.resource("baseline.jpg");

  private static EncodedImage image(int i) {
    return new EncodedImage(PHOTO, "image " + i, i, 1000 + i);
  }

  /** Minibatches of the given sizes, of images numbered from 0. */
  private static List<List<EncodedImage>> minibatches(int... sizes) {
    var batches = new ArrayList<List<EncodedImage>>();
    int next = 0;
    for (int size : sizes) {
      batches.add(IntStream.range(next, next + size).mapToObj(BatchLoaderTest::image).toList());
      next += size;
    }
    return batches;
  }

  private static Plan plan(int threads, int ahead) {
    return new Plan(ImageTransform.training(SIDE), Normalization.IMAGENET, SIDE, 4, threads, ahead);
  }

  private static float[] expected(EncodedImage image) throws ImageDecodeException {
    var values = new float[SIDE * SIDE * 3];
    var view =
        ImageTransform.training(SIDE)
            .apply(ImageDecoder.decode(image.file()), new SplittableRandom(image.seed()));
    Normalization.IMAGENET.write(view, values, 0);
    return values;
  }

  @ParameterizedTest(name = "on {0} thread(s)")
  @ValueSource(ints = {1, 2, 5})
  @DisplayName("gives each image, in its order, what its transform and seed make of it")
  void ordered(int threads) throws Exception {
    var minibatches = minibatches(4, 3, 4, 1, 4, 4);
    try (var loader = new BatchLoader(minibatches.iterator(), plan(threads, 2))) {
      for (var images : minibatches) {
        var batch = loader.next();
        assertEquals(images.size(), batch.size());
        for (int i = 0; i < images.size(); i++) {
          assertEquals(images.get(i).label(), batch.labels()[i]);
          int start = i * SIDE * SIDE * 3;
          assertArrayEquals(
              expected(images.get(i)),
              Arrays.copyOfRange(batch.values(), start, start + SIDE * SIDE * 3));
        }
      }
      assertFalse(loader.hasNext());
      assertThrows(NoSuchElementException.class, loader::next);
    }
  }

  @Test
  @DisplayName("works ahead, but no further than it was told")
  void bounded() throws Exception {
    var pulled = new AtomicInteger();
    var endless =
        new Iterator<List<EncodedImage>>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public List<EncodedImage> next() {
            return List.of(image(pulled.getAndIncrement()));
          }
        };
    try (var loader = new BatchLoader(endless, plan(2, 3))) {
      for (int taken = 1; taken <= 20; taken++) {
        assertEquals(taken - 1, loader.next().labels()[0]);
        while (pulled.get() < taken + 3) {
          Thread.sleep(1); // ahead: else the timeout ends the test
        }
        Thread.sleep(5);
        assertEquals(taken + 3, pulled.get());
      }
    }
  }

  @Test
  @DisplayName("tells how many batches are made, which is all ahead while nobody takes them")
  void ready() throws Exception {
    try (var loader = new BatchLoader(minibatches(2, 2, 2, 2).iterator(), plan(2, 2))) {
      while (loader.ready() < 3) { // two ahead, and the one that was not asked for yet
        Thread.sleep(1); // the timeout ends the test
      }
      loader.next();
      loader.next();
      while (loader.ready() < 2) {
        Thread.sleep(1);
      }
      loader.next();
      loader.next();
      assertEquals(0, loader.ready());
      assertFalse(loader.hasNext());
      assertEquals(0, loader.ready());
    }
  }

  @Test
  @DisplayName("keeps a batch as it is until the next one is asked for")
  void stable() {
    try (var loader = new BatchLoader(minibatches(2, 2, 2, 2, 2).iterator(), plan(2, 2))) {
      while (loader.hasNext()) {
        Batch batch = loader.next();
        var before = batch.values().clone();
        for (int i = 0; i < 100_000; i++) {
          Thread.onSpinWait();
        }
        assertArrayEquals(before, batch.values());
      }
    }
  }

  @Test
  @DisplayName("names the image that cannot be decoded, after the batches before it")
  void broken() {
    var minibatches = minibatches(2, 2);
    var bad = new EncodedImage(new byte[] {1, 2, 3}, "train/n1/bad.jpg", 0, 1);
    var source = List.of(minibatches.get(0), List.of(image(2), bad), minibatches.get(1));
    try (var loader = new BatchLoader(source.iterator(), plan(1, 1))) {
      loader.next();
      var thrown = assertThrows(IllegalStateException.class, loader::next);
      assertTrue(thrown.getMessage().startsWith("train/n1/bad.jpg: not a"), thrown::getMessage);
    }
  }

  @Test
  @DisplayName("passes on what its source throws, after the batches before it")
  void brokenSource() {
    var source =
        IntStream.range(0, 3)
            .mapToObj(
                i -> {
                  if (i == 2) {
                    throw new UnsupportedOperationException("disk");
                  }
                  return List.of(image(i));
                })
            .iterator();
    try (var loader = new BatchLoader(source, plan(1, 2))) {
      assertEquals(0, loader.next().labels()[0]);
      assertEquals(1, loader.next().labels()[0]);
      assertEquals(
          "disk", assertThrows(UnsupportedOperationException.class, loader::next).getMessage());
    }
  }

  @Test
  @DisplayName("passes on an error of its source, such as a native library that does not load")
  void brokenLibrary() {
    var source =
        Stream.<List<EncodedImage>>generate(
                () -> {
                  throw new UnsatisfiedLinkError("no snappy");
                })
            .iterator();
    try (var loader = new BatchLoader(source, plan(1, 2))) {
      var thrown =
          assertTimeoutPreemptively(
              Duration.ofSeconds(30),
              () -> assertThrows(IllegalStateException.class, loader::next));
      assertEquals("no snappy", thrown.getCause().getMessage());
    }
  }

  @Test
  @DisplayName("refuses a batch larger than planned")
  void tooLarge() {
    try (var loader = new BatchLoader(minibatches(5).iterator(), plan(1, 1))) {
      var thrown = assertThrows(IllegalStateException.class, loader::next);
      assertEquals("Cannot make a batch of 5 images: expected 1 to 4", thrown.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> plan(0, 1));
  }

  @Test
  @DisplayName("leaves no thread behind, at its end and when it is closed before")
  void threads() throws Exception {
    try (var loader = new BatchLoader(minibatches(4, 4).iterator(), plan(3, 1))) {
      loader.forEachRemaining(batch -> {});
      awaitNoThreads(); // without being closed
    }
    var closedEarly = new BatchLoader(minibatches(4, 4, 4, 4, 4, 4).iterator(), plan(3, 1));
    closedEarly.next();
    closedEarly.close();
    awaitNoThreads();
    assertThrows(IllegalStateException.class, closedEarly::next);
  }

  private static void awaitNoThreads() throws InterruptedException {
    while (Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("image-"))) {
      Thread.sleep(1);
    }
  }
}
