package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.expanse.core.network.Operation.Activation.Function;
import java.util.ArrayList;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PrimitivesTest {
  private static final UnitShape SHAPE =
      new UnitShape(2, 8, 8, 16, 16, 3, 1, 16, 1, true, Optional.of(Function.RELU6), 1e-5f);

  /** Whose weights' gradient has a copy of its input. */
  private static final UnitShape SMALL =
      new UnitShape(2, 2, 2, 16, 16, 3, 1, 16, 1, false, Optional.of(Function.RELU6), 1e-5f);

  @Test
  @DisplayName("Closing frees every native object at once, not when the garbage collector comes")
  void closing() throws InterruptedException {
    make().forEach(Primitives::close); // the engine is made
    var before = NativeObjects.settled();

    var made = make();
    assertThat(NativeObjects.now().count()).isGreaterThan(before.count() + 50);
    made.forEach(Primitives::close);

    before.requireNoMore();
  }

  @Test
  @DisplayName("Primitives that cannot be made to their end leave no native object")
  void halfWay() throws InterruptedException {
    make().forEach(Primitives::close);
    var before = NativeObjects.settled();

    for (int i = 0; i < 20; i++) {
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  Primitives.make(
                      () -> {
                        NormGradient.of(SHAPE).close();
                        Primitives.channelsLast(1, 2, 3, 4);
                        throw new IllegalStateException("half way");
                      }));
    }

    before.requireNoMore();
  }

  @Test
  @DisplayName("oneDNN's own cache keeps nothing that we have closed")
  void cache() {
    OneDnn.engine();
    var capacity = new int[1];

    dnnl.dnnl_get_primitive_cache_capacity(capacity);

    assertThat(capacity[0]).isZero();
  }

  private static ArrayList<Primitives> make() {
    var made = new ArrayList<Primitives>();
    for (var pass : Convolution.Pass.values()) {
      made.add(Convolution.of(SHAPE, pass));
      made.add(Convolution.of(SMALL, pass));
    }
    made.add(
        NormActivation.of(
            new NormActivation.Key(64, SHAPE.outputs(), SHAPE.activation(), SHAPE.epsilon())));
    made.add(NormGradient.of(SHAPE));
    return made;
  }
}
