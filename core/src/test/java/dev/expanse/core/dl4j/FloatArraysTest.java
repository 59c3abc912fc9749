package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FloatArraysTest {
  private static final LayerWorkspaceMgr NONE = LayerWorkspaceMgr.noWorkspaces();
  private static final WorkspaceConfiguration MEGABYTE =
      WorkspaceConfiguration.builder().initialSize(1 << 20).build();

  private final FloatArrays arrays = new FloatArrays();

  static Stream<long[]> shapes() {
    return Stream.of(
        new long[] {2, 3, 4, 5},
        new long[] {1, 1, 1, 5},
        new long[] {1, 3, 1, 1},
        new long[] {3, 7},
        new long[] {1, 7},
        new long[] {7},
        new long[] {1});
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  @DisplayName("An array is described as ND4J describes its own, the first and the second time")
  void description(long[] shape) {
    var expected = NONE.createUninitialized(ArrayType.INPUT, DataType.FLOAT, shape, 'c');
    for (int i = 0; i < 2; i++) {
      var array = arrays.make(NONE, ArrayType.INPUT, shape);

      assertThat(array.shapeInfoJava()).containsExactly(expected.shapeInfoJava());
      assertThat(array.shapeInfoDataBuffer().asLong())
          .containsExactly(expected.shapeInfoDataBuffer().asLong());
      assertThat(array.length()).isEqualTo(expected.length());
      assertThat(array.isAttached()).isFalse();
    }
  }

  @Test
  @DisplayName("Arrays of one shape have values of their own, which ND4J computes with")
  void values() {
    var two = arrays.make(NONE, ArrayType.INPUT, 3, 4).assign(2);
    var three = arrays.make(NONE, ArrayType.INPUT, 3, 4).assign(3);

    assertThat(two.mul(three).sum(1)).isEqualTo(Nd4j.createFromArray(24f, 24f, 24f));
  }

  @Test
  @DisplayName("An array lies in the workspace of its kind")
  void workspace() {
    var name = "of outputs";
    var manager =
        LayerWorkspaceMgr.builder()
            .with(ArrayType.ACTIVATIONS, name, MEGABYTE)
            .defaultNoWorkspace()
            .build();
    try (var entered = Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEGABYTE, name)) {
      var output = arrays.make(manager, ArrayType.ACTIVATIONS, 3, 4);
      var detached = arrays.make(manager, ArrayType.INPUT, 3, 4);

      assertThat(output.data().getParentWorkspace()).isSameAs(entered);
      assertThat(detached.isAttached()).isFalse();
      assertThat(Nd4j.getMemoryManager().getCurrentWorkspace()).isSameAs(entered);
    }
  }

  @Test
  @DisplayName("An array that makes the process too large is an error with its size, not the end")
  void tooLarge() {
    long tooMany = Pointer.maxPhysicalBytes() / Float.BYTES;

    assertThatThrownBy(() -> arrays.make(NONE, ArrayType.INPUT, tooMany))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessage("Failed to allocate [%d] bytes", Float.BYTES * tooMany)
        .rootCause()
        .hasMessageContaining(" of at most %.2f GB".formatted(Pointer.maxPhysicalBytes() / 1e9));
    assertThat(arrays.make(NONE, ArrayType.INPUT, 3).length()).isEqualTo(3);
  }

  @Test
  @DisplayName("The values of a view lie flat where they are")
  void flat() {
    var array = Nd4j.arange(24).castTo(DataType.FLOAT).reshape(4, 6);
    var rows = array.get(NDArrayIndex.interval(1, 3), NDArrayIndex.all());

    var flat = arrays.flat(rows);
    flat.addi(100);

    assertThat(flat.shape()).containsExactly(12);
    assertThat(flat.getFloat(0)).isEqualTo(106);
    assertThat(array.getFloat(0, 5)).isEqualTo(5);
    assertThat(array.getFloat(2, 5)).isEqualTo(117);
    assertThat(array.getFloat(3, 0)).isEqualTo(18);
  }
}
