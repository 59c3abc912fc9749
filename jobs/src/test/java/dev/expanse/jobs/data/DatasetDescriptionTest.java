package dev.expanse.jobs.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DatasetDescriptionTest {
  private static final DatasetDescription WHOLE =
      new DatasetDescription(
          List.of("n1", "n2"),
          List.of("one, first", "two"),
          Map.of("train", new DatasetDescription.Split(5, List.of(3L, 2L), List.of("train/a"))),
          "ff",
          "somewhere",
          Optional.of(new ChannelStatistics(List.of(0.1, 0.2, 0.3), List.of(0.25, 0.5, 0.125), 5)),
          Optional.of(
              new Preparation(
                  "1 (x)", "cmc", Long.MIN_VALUE, OptionalInt.of(256), OptionalInt.of(90))));

  @Test
  @DisplayName("What is written is read again, all of it")
  void roundTrip() {
    assertThat(DatasetDescription.parse(WHOLE.toJson(), "test")).isEqualTo(WHOLE);
    assertThat(WHOLE.toJson()).contains("\"format\" : 2");
  }

  @Test
  @DisplayName("A file of the first format has neither names nor counts nor statistics")
  void firstFormat() {
    var json =
        """
        {"format": 1, "classes": ["a", "b"], "split-names": ["val"], "fingerprint": "ff",
         "source": "x", "splits": {"val": {"images": 7, "shards": ["val/s"]}}}
        """;

    var read = DatasetDescription.parse(json, "test");

    assertThat(read.classNames()).containsExactly("a", "b");
    assertThat(read.splits().get("val"))
        .isEqualTo(new DatasetDescription.Split(7, List.of("val/s")));
    assertThat(read.statistics()).isEmpty();
    assertThat(DatasetDescription.parse(read.toJson(), "again")).isEqualTo(read);
  }

  @Test
  @DisplayName("A later format, a name too few and a count too few are refused with the place")
  void mistakes() {
    refused(WHOLE.toJson().replace("\"format\" : 2", "\"format\" : 3"), "format = 3");
    refused(WHOLE.toJson().replace("\"one, first\",", ""), "class-names = [two]");
    refused(WHOLE.toJson().replace("\"images-of-class\"", "\"other\""), "images-of-class = []");
    refused(WHOLE.toJson().replace("-9223372036854775808", "x"), "seed = x");
  }

  private static void refused(String json, String message) {
    assertThatThrownBy(() -> DatasetDescription.parse(json, "test"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("test")
        .hasMessageContaining(message);
  }
}
