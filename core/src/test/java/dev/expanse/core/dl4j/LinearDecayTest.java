package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LinearDecayTest {

  @Test
  @DisplayName("From the first value to nothing on a line, and nothing from then on")
  void line() {
    var decay = new LinearDecay(0.1, 200);

    assertThat(decay.valueAt(0, 0)).isEqualTo(0.1);
    assertThat(decay.valueAt(50, 3)).isEqualTo(0.075, within(1e-12));
    assertThat(decay.valueAt(199, 0)).isEqualTo(0.0005, within(1e-12));
    assertThat(decay.valueAt(200, 0)).isZero();
    assertThat(decay.valueAt(1000, 0)).isZero();
  }
}
