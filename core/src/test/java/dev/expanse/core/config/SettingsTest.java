package dev.expanse.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  @DisplayName("Values are read as what they are, missing ones as what is given instead")
  void values() {
    var settings =
        Settings.parse(
            "n = 3, x = 0.5, on = true, t = hello, list = [1, 2], inner { n = 4 }", "a.conf");

    assertThat(settings.integer("n", 0, 9)).isEqualTo(3);
    assertThat(settings.integer("none", 0, 9, 7)).isEqualTo(7);
    assertThat(settings.number("x", 0, 1)).isEqualTo(0.5);
    assertThat(settings.flag("on", false)).isTrue();
    assertThat(settings.text("t")).isEqualTo("hello");
    assertThat(settings.numbers("list", 0, 9)).containsExactly(1.0, 2.0);
    assertThat(settings.texts("list")).containsExactly("1", "2");
    assertThat(settings.object("inner").integer("n", 0, 9)).isEqualTo(4);
    assertThat(settings.objectOrEmpty("none").integer("n", 0, 9, 1)).isEqualTo(1);
  }

  @Test
  @DisplayName("A text that looks like a number is what was written")
  void asWritten() {
    var settings = Settings.parse("t = 2024.10, list = [007, 1e3, x], yes = true", "a.conf");

    assertThat(settings.text("t")).isEqualTo("2024.10");
    assertThat(settings.texts("list")).containsExactly("007", "1e3", "x");
    assertThat(settings.text("yes")).isEqualTo("true");
    refused("list = [null]", s -> s.texts("list")).hasMessageContaining("expected a list of texts");
  }

  @Test
  @DisplayName("Each mistake is one sentence with file, line, key, value and what was expected")
  void mistakes() {
    refused("n = x", s -> s.integer("n", 1, 9))
        .hasMessage("a.conf, line 2: n = \"x\": expected a whole number from 1 to 9");
    refused("n = 1.5", s -> s.integer("n", 1, 9)).hasMessageContaining("n = 1.5: expected a whole");
    refused("n = 10", s -> s.integer("n", 1, 9)).hasMessageContaining("n = 10");
    refused("x = 2", s -> s.number("x", 0, 1)).hasMessageContaining("a number from 0.0 to 1.0");
    refused("", s -> s.integer("n", 1, 9))
        .hasMessage("a.conf: n is missing: expected a whole number from 1 to 9");
    refused("t = [1]", s -> s.text("t")).hasMessageContaining("t = [1]: expected a text");
    refused("on = 1", s -> s.flag("on", true)).hasMessageContaining("expected true or false");
    refused("t = c", s -> s.choice("t", "a", Set.of("a", "b"))).hasMessageContaining("one of a, b");
    refused("list = 1", s -> s.items("list")).hasMessageContaining("expected a list");
    refused("o = 1", s -> s.object("o")).hasMessageContaining("expected an object");
    refused("o { n = x }", s -> s.object("o").integer("n", 1, 9)).hasMessageContaining(": o.n = ");
    refused("typo = 1", s -> s.onlyKeys("type"))
        .hasMessage("a.conf, line 2: typo = 1: expected no such key (known: type)");
    refused("typo = 1, o = 2", s -> s.without("o").without("p").onlyKeys("type"))
        .hasMessageEndingWith("typo = 1: expected no such key (known: o, p, type)");
  }

  @Test
  @DisplayName("A document that is not HOCON is refused with its line, on one line")
  void malformed() {
    assertThatThrownBy(() -> Settings.parse("a = 1\nb = [1, 2\n", "a.conf"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("a.conf, line ")
        .hasMessageContaining("not HOCON")
        .hasMessageNotContaining("\n");
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(
      String hocon, Consumer<Settings> read) {
    return assertThatThrownBy(() -> read.accept(Settings.parse("\n" + hocon, "a.conf")))
        .isInstanceOf(InvalidInputException.class);
  }
}
