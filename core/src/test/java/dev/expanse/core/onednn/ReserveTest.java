package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReserveTest {
  private final List<String> made = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final Reserve<String, Thing> reserve = new Reserve<>(2, Thing::new);

  private final class Thing implements AutoCloseable {
    private final String kind;

    private Thing(String kind) {
      this.kind = kind;
      made.add(kind);
    }

    @Override
    public void close() {
      closed.add(kind);
    }
  }

  @Test
  @DisplayName("What was given back is lent again; what is lent is nobody else's")
  void lends() {
    var first = reserve.borrow("a");
    var second = reserve.borrow("a");
    reserve.giveBack("a", first);

    assertThat(second).isNotSameAs(first);
    assertThat(reserve.borrow("a")).isSameAs(first);
    assertThat(made).containsExactly("a", "a");
  }

  @Test
  @DisplayName("Beyond its capacity of kinds it closes all of the kind that was longest unused")
  void closesLongestUnused() {
    var a = reserve.borrow("a");
    reserve.giveBack("a", reserve.borrow("a"));
    reserve.giveBack("a", a);
    use("b");
    use("a");

    use("c"); // a was used after b

    assertThat(closed).containsExactly("b");
    use("d");
    assertThat(closed).containsExactly("b", "a", "a");
  }

  @Test
  @DisplayName("A failed action gives back what it was lent, and clearing closes everything")
  void givesBack() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                reserve.with(
                    "a",
                    thing -> {
                      throw new IllegalStateException("failed");
                    }));

    reserve.clear();

    assertThat(made).containsExactly("a");
    assertThat(closed).containsExactly("a");
  }

  private void use(String kind) {
    reserve.with(kind, thing -> assertThat(thing.kind).isEqualTo(kind));
  }
}
