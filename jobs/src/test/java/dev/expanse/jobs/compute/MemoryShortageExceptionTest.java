package dev.expanse.jobs.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.image.BatchLoader;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.input.BatchArrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MemoryShortageExceptionTest {
  /** Bytes, a little more than JavaCPP's limit. */
  private static final long TOO_MANY = Pointer.maxBytes() + 64;

  @Test
  @DisplayName(
      "Too much off the heap is refused with the bytes asked for, the limit and its setting")
  void buffer() {
    assertThatThrownBy(() -> MemoryShortageException.during(() -> new FloatPointer(TOO_MANY / 4)))
        .isInstanceOf(MemoryShortageException.class)
        .hasMessageStartingWith(
            String.format(
                "out of memory: could not have %,d bytes (FloatPointer) outside", TOO_MANY))
        .hasMessageContaining("maxBytes")
        .hasMessageContaining(
            "raise -Dorg.bytedeco.javacpp.maxbytes=%dm in spark.driver.extraJavaOptions"
                .formatted(Pointer.maxBytes() >> 20))
        .hasNoCause();
  }

  @Test
  @DisplayName("So is a minibatch, which ND4J allocates, and would end the process")
  void minibatch() {
    var arrays = new BatchArrays(20_000, 4);
    var batch = new BatchLoader.Batch(new float[0], new int[2]);

    assertThatThrownBy(() -> MemoryShortageException.during(() -> arrays.features(batch)))
        .isInstanceOf(MemoryShortageException.class)
        .hasMessageContaining("could not have 9,600,000,000 bytes outside of the heap")
        .hasMessageContaining(" of at most %.2f GB".formatted(Pointer.maxPhysicalBytes() / 1e9))
        .hasMessageContaining("raise -Dorg.bytedeco.javacpp.maxphysicalbytes=");
  }

  @Test
  @DisplayName("JavaCPP's limit is no heap's, also where it does not tell what was asked for")
  void unknownSize() {
    var error =
        new OutOfMemoryError(
            "Physical memory usage is too high: physicalBytes (1204M) > maxPhysicalBytes (1200M)");

    assertThat(MemoryShortageException.causeOf(new IllegalStateException(error)))
        .hasValueSatisfying(
            sentence ->
                assertThat(sentence)
                    .startsWith("out of memory: could not have more outside of the heap, Physical")
                    .contains(": raise -Dorg.bytedeco.javacpp.maxphysicalbytes="));
  }

  @Test
  @DisplayName("A full heap is told with its limit and the setting that raises it")
  void heap() {
    assertThatThrownBy(() -> MemoryShortageException.during(() -> new long[Integer.MAX_VALUE - 8]))
        .isInstanceOf(MemoryShortageException.class)
        .hasMessageStartingWith("out of memory: Java heap space, the heap's limit is ")
        .hasMessageEndingWith("raise spark.driver.memory");
  }

  @Test
  @DisplayName("A task that finds too little fails its job with the size, and the process lives on")
  void task() {
    var numbers = LocalSpark.context().parallelize(List.of(1), 1);

    assertThatThrownBy(
            () ->
                numbers
                    .map(
                        one ->
                            MemoryShortageException.during(
                                () -> new BytePointer(TOO_MANY * one).capacity()))
                    .collect())
        .satisfies(
            e ->
                assertThat(MemoryShortageException.causeOf(e))
                    .hasValueSatisfying(
                        sentence ->
                            assertThat(sentence)
                                .contains(String.format("%,d bytes (BytePointer)", TOO_MANY))));
    assertThat(numbers.map(one -> one + 1).collect()).containsExactly(2);
  }

  @Test
  @DisplayName("Other failures are left as they are")
  void others() {
    var other = new IllegalStateException("other");

    assertThatThrownBy(
            () ->
                MemoryShortageException.during(
                    () -> {
                      throw other;
                    }))
        .isSameAs(other);
    assertThat(MemoryShortageException.causeOf(other)).isEmpty();
  }
}
