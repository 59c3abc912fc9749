package dev.expanse.jobs.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Sha256;
import dev.expanse.core.image.ImageDecodeException;
import dev.expanse.core.image.ImageDecoder;
import dev.expanse.jobs.LocalSpark;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleDatasetTest {

  @Test
  @DisplayName("The sample has 100 classes in both splits, at most 8 MB, its licences beside it")
  void sample(@TempDir Path results) throws ImageDecodeException {
    var dataset = open(results);

    assertThat(dataset.classes()).hasSize(100).doesNotHaveDuplicates();
    var shas = new HashSet<String>();
    long bytes = 0;
    for (var split : new String[] {Dataset.TRAIN, Dataset.VALIDATION}) {
      var images = dataset.images(split).collect();
      assertThat(images).hasSize((int) dataset.count(split));
      assertThat(images.stream().map(LabelledImage::label).distinct()).hasSize(100);
      for (var image : images) {
        bytes += image.bytes().length;
        assertThat(shas.add(Sha256.of(image.bytes()))).as(image.path() + " is new").isTrue();
        assertThat(ImageDecoder.decode(image.bytes()).width()).isEqualTo(64);
      }
    }
    assertThat(bytes).isLessThan(8_000_000);
    assertThat(Path.of(dataset.root().toUri().getPath(), "NOTICE"))
        .content()
        .contains("Noto")
        .contains("Twemoji")
        .contains("creativecommons.org/licenses/by/4.0");
  }

  @Test
  @DisplayName("Opened again, it is where it was")
  void again(@TempDir Path results) {
    assertThat(open(results).root()).isEqualTo(open(results).root());
  }

  private static Dataset open(Path results) {
    var path = new org.apache.hadoop.fs.Path(results.toUri());
    return Dataset.open(LocalSpark.session(), SampleDataset.NAME, path);
  }
}
