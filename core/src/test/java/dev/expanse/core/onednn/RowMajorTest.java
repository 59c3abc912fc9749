package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class RowMajorTest {
  @Test
  @DisplayName(
      "The address of an array, of a view and of a view's view is the one ND4J's code gets")
  void addresses() {
    var array = Nd4j.zeros(DataType.FLOAT, 10, 20);
    var rows = rows(array, 3, 7);
    Stream.of(array, rows, rows(rows, 1, 2), rows.reshape(80), array.getRow(4), rows.dup('c'))
        .forEach(RowMajorTest::assertSameAddress);

    try (var workspace =
        Nd4j.getWorkspaceManager()
            .getAndActivateWorkspace(
                WorkspaceConfiguration.builder().initialSize(1 << 20).build(), "addresses")) {
      assertThat(workspace.isScopeActive()).isTrue();
      assertSameAddress(Nd4j.zeros(DataType.FLOAT, 3, 5));
      assertSameAddress(rows(Nd4j.zeros(DataType.FLOAT, 10, 20), 2, 4));
    }
  }

  @Test
  @DisplayName("Columns of a matrix, a transposed one and doubles have no address here")
  void others() {
    var array = Nd4j.zeros(DataType.FLOAT, 4, 6);
    Stream.of(
            array.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2)),
            array.transpose(),
            Nd4j.zeros(DataType.DOUBLE, 4, 6))
        .forEach(
            other ->
                assertThatIllegalArgumentException()
                    .isThrownBy(() -> RowMajor.address("matrix", other, other.shape()))
                    .withMessageContaining("row-major order"));
  }

  private static INDArray rows(INDArray array, long from, long to) {
    return array.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
  }

  private static void assertSameAddress(INDArray array) {
    assertThat(RowMajor.address("array", array, array.shape()).address())
        .isEqualTo(array.data().addressPointer().address());
  }
}
