package dev.expanse.jobs.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.dl4j.Engine;
import dev.expanse.jobs.LocalSpark;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ComputeTest {
  @Test
  @DisplayName("The engine is oneDNN where it loads, else stock; what is asked for is taken")
  void engine() {
    var usual = Engine.ONEDNN.unavailable().isEmpty() ? Engine.ONEDNN : Engine.STOCK;

    assertThat(Compute.choose(LocalSpark.context(), null, null).engine()).isEqualTo(usual);
    assertThat(Compute.choose(LocalSpark.context(), "stock", null).engine())
        .isEqualTo(Engine.STOCK);
    assertThat(Compute.engines()).containsExactlyInAnyOrder("onednn", "stock");
  }

  @Test
  @DisplayName("A task has as many threads as Spark gives it cores, unless told otherwise")
  void threads() {
    assertThat(Compute.choose(LocalSpark.context(), null, null).threads()).isEqualTo(1);
    assertThat(Compute.choose(LocalSpark.context(), null, 3).threads()).isEqualTo(3);
  }

  @Test
  @DisplayName("More threads at once than cores are warned of, as many are not")
  void excess() {
    assertThat(Compute.excess(2, 1, 2)).isEmpty();
    assertThat(Compute.excess(1, 4, 4)).isEmpty();
    assertThat(Compute.excess(2, 2, 2))
        .hasValueSatisfying(
            warning ->
                assertThat(warning)
                    .startsWith("2 task(s) at once with 2 thread(s) each, on 2 core(s)"));
  }
}
