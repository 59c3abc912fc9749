package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Networks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class CompiledNetworkMisuseTest {
  private static final int CLASSES = 10;
  private static final int BATCH = 2;
  private static final Network NETWORK =
      Networks.named("ecnn").withClasses(CLASSES).withResolution(32).network();

  @Test
  @DisplayName("Arrays of another shape, type or order are refused with what was expected")
  void wrongArrays() {
    try (var compiled = compile()) {
      var images = images();
      var probabilities = Nd4j.zeros(DataType.FLOAT, BATCH, CLASSES);

      for (var wrong :
          new INDArray[] {
            Nd4j.zeros(DataType.FLOAT, BATCH + 1, 32, 32, 3),
            Nd4j.zeros(DataType.FLOAT, BATCH, 3, 32, 32),
            Nd4j.zeros(DataType.FLOAT, BATCH * 32 * 32 * 3),
            Nd4j.zeros(DataType.DOUBLE, BATCH, 32, 32, 3),
            Nd4j.zeros(DataType.UINT8, BATCH, 32, 32, 3),
            Nd4j.scalar(1f),
            Nd4j.empty(DataType.FLOAT)
          }) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> compiled.run(wrong, probabilities))
            .withMessageContaining("expected FLOAT [2, 32, 32, 3]")
            .withMessageContaining(wrong.dataType().name());
      }
      for (var wrong :
          new INDArray[] {
            Nd4j.zeros(DataType.FLOAT, CLASSES, BATCH),
            Nd4j.zeros(DataType.DOUBLE, BATCH, CLASSES),
            probabilities.dup('f'),
            Nd4j.zeros(DataType.FLOAT, CLASSES, BATCH).transpose()
          }) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> compiled.run(images, wrong))
            .withMessageContaining("expected FLOAT [2, 10]");
      }
      assertThatThrownBy(() -> compiled.run(null, probabilities))
          .isInstanceOf(NullPointerException.class);
      compiled.run(images, probabilities); // still works
    }
  }

  @Test
  @DisplayName("An array that its owner has closed is refused")
  void closedArrays() {
    try (var compiled = compile()) {
      var images = images();
      images.close();

      assertThatIllegalArgumentException()
          .isThrownBy(() -> compiled.probabilities(images))
          .withMessageContaining("closed");
    }
  }

  @Test
  @DisplayName("After it is closed, once or twice, it says so")
  void closed() {
    var compiled = compile();
    compiled.close();
    compiled.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> compiled.probabilities(images()))
        .withMessageContaining("closed");
    assertThat(compiled.batch()).isEqualTo(BATCH);
  }

  @Test
  @DisplayName("Batches and threads below 1 and another network's weights are refused by name")
  void wrongCompilation() {
    var weights = TrainedWeights.drawn(NETWORK, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompiledNetwork.compile(NETWORK, weights, 0, 1))
        .withMessageContaining("0 images");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompiledNetwork.compile(NETWORK, weights, 1, -1))
        .withMessageContaining("-1 threads");
    var larger = Networks.named("ecnn").withClasses(CLASSES + 1).withResolution(32).network();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompiledNetwork.compile(larger, weights, 1, 1))
        .withMessageContaining("'classifier' of 1 x 1 x 11");
    var other = Networks.named("mobilenet-v2").withResolution(32).network();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompiledNetwork.compile(other, weights, 1, 1));
  }

  @Test
  @DisplayName("Of two threads that use one at once, one is told so and the other is not disturbed")
  void twoThreads() throws Exception {
    var executor = Executors.newSingleThreadExecutor();
    var stop = new AtomicBoolean();
    try (var compiled = compile()) {
      var images = images();
      var expected = compiled.probabilities(images);
      Future<Integer> other =
          executor.submit(
              () -> {
                int right = 0;
                while (!stop.get()) {
                  right += attempt(compiled, images, expected);
                }
                return right;
              });

      int refused = 0;
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (refused < 20 && System.nanoTime() < end) {
        try {
          assertThat(compiled.probabilities(images)).isEqualTo(expected);
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining("another thread");
          refused++;
        }
      }
      stop.set(true);

      assertThat(other.get()).isPositive();
      assertThat(refused).isEqualTo(20);
    } finally {
      executor.shutdown();
    }
  }

  private static int attempt(CompiledNetwork compiled, INDArray images, INDArray expected) {
    try {
      assertThat(compiled.probabilities(images)).isEqualTo(expected);
      return 1;
    } catch (IllegalStateException e) {
      return 0;
    }
  }

  @Test
  @DisplayName("Several instances run in threads that did not compile them, all at once")
  void instances() throws Exception {
    var compiled = new ArrayList<CompiledNetwork>();
    var executor = Executors.newFixedThreadPool(3);
    try {
      for (int i = 0; i < 3; i++) {
        compiled.add(compile());
      }
      var images = images();
      var expected = compiled.get(0).probabilities(images);

      var runs = new ArrayList<Callable<Integer>>();
      for (var instance : compiled) {
        runs.add(
            () -> {
              int right = 0;
              for (int i = 0; i < 50; i++) {
                right += attempt(instance, images, expected);
              }
              return right;
            });
      }
      for (var run : executor.invokeAll(runs)) {
        assertThat(run.get()).isEqualTo(50);
      }
    } finally {
      executor.shutdown();
      compiled.forEach(CompiledNetwork::close);
    }
  }

  @Test
  @DisplayName("Closed while another thread runs it, it finishes the run first")
  void closedWhileInUse() throws Exception {
    var executor = Executors.newSingleThreadExecutor();
    try {
      for (int i = 0; i < 20; i++) {
        var compiled = compile();
        var images = images();
        var expected = compiled.probabilities(images);
        Future<?> other =
            executor.submit(
                () -> {
                  while (attempt(compiled, images, expected) == 1) {
                    Thread.onSpinWait();
                  }
                });
        compiled.close();
        other.get();
      }
    } finally {
      executor.shutdown();
    }
  }

  private static CompiledNetwork compile() {
    return CompiledNetwork.compile(NETWORK, TrainedWeights.drawn(NETWORK, 1), BATCH, 1);
  }

  private static INDArray images() {
    Nd4j.getRandom().setSeed(7);
    return Nd4j.randn(DataType.FLOAT, BATCH, 32, 32, 3);
  }
}
