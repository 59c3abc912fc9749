package dev.expanse.jobs.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.space.Assessment.Status;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComplexityTableTest {
  @TempDir private Path results;

  @Test
  @DisplayName("Each configuration of a grid is a row, with the numbers that its network has")
  void grid() {
    var space = Spaces.read(Spaces.SMALL + "\nconstraints { macs = 100000 }");

    var outcome = append(space);

    var rows = LocalSpark.session().read().parquet(outcome.folder().toString());
    assertThat(rows.columns()).containsExactly(ComplexityTable.SCHEMA.fieldNames());
    var sorted = rows.orderBy("index").collectAsList();
    assertThat(sorted).hasSize(40);
    for (int index = 0; index < 40; index++) {
      agrees(space, sorted.get(index), index);
    }
    assertThat(outcome.summary())
        .isEqualTo(Summary.of(LongStream.range(0, 40).mapToObj(space::assess).toList()));
    assertThat(outcome.rate()).isPositive();
    assertThat(outcome.cores()).isEqualTo(2);
    assertThat(outcome.folder().toString()).startsWith(results + "/complexity/run=");
  }

  private static void agrees(SearchSpace space, Row row, long index) {
    assertThat(row.<Long>getAs("index")).isEqualTo(index);
    assertThat(row.<String>getAs("network")).isEqualTo(space.name(index));
    assertThat(row.<String>getAs("choices")).isEqualTo(space.choices(index));
    assertThat(row.<String>getAs("space")).isEqualTo("space.conf");
    var status = Status.of(row.getAs("status"));
    assertThat(status).isEqualTo(space.assess(index).status());
    if (status == Status.UNBUILDABLE) {
      assertThat(row.<Long>getAs("macs")).isNull();
      assertThat(row.<String>getAs("reason")).contains("kernel of side 4");
      return;
    }
    var complexity = Complexity.of(space.spec(index).network());
    assertThat(row.<Long>getAs("macs")).isEqualTo(complexity.macs());
    assertThat(row.<Long>getAs("params")).isEqualTo(complexity.parameters());
    assertThat(row.<Long>getAs("activations")).isEqualTo(complexity.activations());
    assertThat(row.<Long>getAs("weight_bytes")).isEqualTo(complexity.weightBytes());
    assertThat(row.<Long>getAs("peak_activation_bytes"))
        .isEqualTo(complexity.peakActivationBytes());
    assertThat(row.<String>getAs("reason")).isEqualTo(complexity.macs() > 100_000 ? "macs" : null);
  }

  @Test
  @DisplayName("A random sample has the rows that are drawn, whatever tasks there are")
  void random() {
    var space = Spaces.read(Spaces.SMALL).withSamples(15);

    var outcome = append(space);

    var rows = LocalSpark.session().read().parquet(outcome.folder().toString());
    assertThat(rows.select("index").collectAsList())
        .extracting(row -> row.getLong(0))
        .containsExactlyInAnyOrder(
            LongStream.range(0, 15).map(space.sample()::at).boxed().toArray(Long[]::new));
  }

  private ComplexityTable.Outcome append(SearchSpace space) {
    var folder = new org.apache.hadoop.fs.Path(results.toString());
    return new ComplexityTable(LocalSpark.session(), folder).append(space);
  }
}
