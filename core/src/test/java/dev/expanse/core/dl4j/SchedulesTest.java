package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SchedulesTest {

  @Test
  @DisplayName("LinearDecay goes from the first value to nothing on a line, and stays there")
  void line() {
    var decay = new LinearDecay(0.1, 200);

    assertThat(decay.valueAt(0, 0)).isEqualTo(0.1);
    assertThat(decay.valueAt(50, 3)).isEqualTo(0.075, within(1e-12));
    assertThat(decay.valueAt(199, 0)).isEqualTo(0.0005, within(1e-12));
    assertThat(decay.valueAt(200, 0)).isZero();
    assertThat(decay.valueAt(1000, 0)).isZero();
  }

  @Test
  @DisplayName("CosineDecay goes from the first value to nothing on half a cosine, and stays there")
  void cosine() {
    var decay = new CosineDecay(0.1, 200);

    assertThat(decay.valueAt(0, 0)).isEqualTo(0.1);
    assertThat(decay.valueAt(50, 3)).isEqualTo(0.05 + 0.05 * Math.sqrt(0.5), within(1e-12));
    assertThat(decay.valueAt(100, 0)).isEqualTo(0.05, within(1e-12));
    assertThat(decay.valueAt(150, 0)).isEqualTo(0.05 - 0.05 * Math.sqrt(0.5), within(1e-12));
    assertThat(decay.valueAt(199, 0)).isBetween(1e-7, 1e-5);
    assertThat(decay.valueAt(200, 0)).isZero();
    assertThat(decay.valueAt(1000, 0)).isZero();
  }

  @Test
  @DisplayName("WarmUp grows to the first value of what follows, which then begins at its step 0")
  void warmUp() {
    var warm = new WarmUp(4, new LinearDecay(0.8, 8));

    var values = new double[13];
    for (int step = 0; step < values.length; step++) {
      values[step] = warm.valueAt(step, 0);
    }

    assertThat(values)
        .containsExactly(
            new double[] {0.2, 0.4, 0.6, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0},
            within(1e-12));
  }

  @Test
  @DisplayName("Schedules are equal if their values are; none takes less than a step")
  void equality() {
    assertThat(new WarmUp(4, new CosineDecay(0.8, 8)))
        .isEqualTo(new WarmUp(4, new CosineDecay(0.8, 8)))
        .hasSameHashCodeAs(new WarmUp(4, new CosineDecay(0.8, 8)))
        .isEqualTo(new WarmUp(4, new CosineDecay(0.8, 8)).clone())
        .isNotEqualTo(new WarmUp(5, new CosineDecay(0.8, 8)))
        .isNotEqualTo(new WarmUp(4, new CosineDecay(0.8, 9)));
    assertThatIllegalArgumentException().isThrownBy(() -> new CosineDecay(1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new LinearDecay(1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WarmUp(0, new LinearDecay(1, 1)))
        .withMessage("Cannot warm up over 0 steps");
  }
}
