package dev.expanse.jobs.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.jobs.LocalSpark;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JobDescriptionTest {
  private final JavaSparkContext spark = LocalSpark.context();

  private String current() {
    return JobDescription.current(spark);
  }

  @Test
  @DisplayName("Parts come from the outside in, and each is gone when its work is over")
  void parts() {
    var seen =
        JobDescription.during(
            spark,
            "sweep",
            () -> {
              var inner = JobDescription.during(spark, "ecnn, seed 1", this::current);
              return List.of(inner, current());
            });

    assertThat(seen).containsExactly("sweep, ecnn, seed 1", "sweep");
    assertThat(current()).isNull();
  }

  @Test
  @DisplayName("Work that fails leaves no part behind")
  void failure() {
    assertThatThrownBy(
            () ->
                JobDescription.during(
                    spark,
                    "sweep",
                    () -> {
                      throw new IllegalStateException("disk");
                    }))
        .hasMessage("disk");

    assertThat(current()).isNull();
  }

  @Test
  @DisplayName(
      "A thread that is started meanwhile goes on from the description, a thread before not")
  void threads() {
    var before = new CompletableFuture<Void>();
    var other = before.thenApply(done -> current());
    var inherited =
        JobDescription.during(
            spark,
            "sweep",
            () -> {
              var seen = new CompletableFuture<String>();
              new Thread(() -> seen.complete(current())).start();
              return seen.join();
            });
    before.complete(null);

    assertThat(inherited).isEqualTo("sweep");
    assertThat(other.join()).isNull();
  }
}
