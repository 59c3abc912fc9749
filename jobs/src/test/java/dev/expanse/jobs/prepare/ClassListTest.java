package dev.expanse.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassListTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("The shipped lists have 100 WordNet ids each, of which 8 are on both")
  void shipped() {
    var cmc = ClassList.read("cmc").names();
    var kaggle = ClassList.read("kaggle").names();

    assertThat(cmc).hasSize(100).containsEntry("n02869837", "bonnet, poke bonnet");
    assertThat(kaggle)
        .hasSize(100)
        .containsEntry("n01968897", "chambered nautilus, pearly nautilus, nautilus");
    assertThat(cmc.keySet())
        .allMatch(id -> id.matches("n\\d{8}"))
        .isEqualTo(new java.util.TreeSet<>(cmc.keySet()));
    var both = new ArrayList<>(cmc.keySet());
    both.retainAll(kaggle.keySet());
    assertThat(both).hasSize(8);
  }

  @Test
  @DisplayName("A file has an id a line, with or without a name; comments do not count")
  void file() throws IOException {
    var list = read("# mine\n\n  red \nn01440764   a fish, a tench\n");

    assertThat(list.names())
        .containsExactly(Map.entry("red", ""), Map.entry("n01440764", "a fish, a tench"));
    assertThat(list.has("red")).isTrue();
    assertThat(list.has("green")).isFalse();
  }

  @Test
  @DisplayName("A class is called as the list says, else the source, else ImageNet, else its id")
  void names() throws IOException {
    var list = read("n01440764 a fish\nn01443537\nn01484850\nred\n");
    var source = Map.of("n01440764", "not this", "n01443537", "from the source");

    assertThat(list.nameOf("n01440764", source)).isEqualTo("a fish");
    assertThat(list.nameOf("n01443537", source)).isEqualTo("from the source");
    assertThat(list.nameOf("n01484850", source)).startsWith("great white shark");
    assertThat(list.nameOf("red", source)).isEqualTo("red");
    assertThat(ClassList.ALL.has("anything")).isTrue();
  }

  @Test
  @DisplayName("A missing file, a single class and a class listed twice are told")
  void mistakes() {
    assertThatThrownBy(() -> ClassList.read("cmcc"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--classes = cmcc: no such file, expected one or one of cmc, kaggle, all");
    assertThatThrownBy(() -> read("one\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("1 classes, expected at least two");
    assertThatThrownBy(() -> read("# comment\na\nb\na x\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("line 4: a: is listed twice");
  }

  private ClassList read(String text) throws IOException {
    return ClassList.read(Files.writeString(folder.resolve("list.txt"), text).toString());
  }
}
