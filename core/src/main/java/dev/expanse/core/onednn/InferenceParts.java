package dev.expanse.core.onednn;

import dev.expanse.core.onednn.InferenceStep.Concatenate;
import dev.expanse.core.onednn.InferenceStep.Slice;
import dev.expanse.core.onednn.InferenceValue.Place;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which values are channels of others and lie within them, so that to concatenate and to slice
 * copies nothing. In blocks of channels those of one image lie side by side, and a kernel that
 * takes one image after another does not see that they are a part; channels last they are
 * scattered, and oneDNN has no fast convolution for that.
 */
final class InferenceParts {
  private final Map<InferenceValue, Part> parts = new HashMap<>();

  /** The channels of {@code whole} that begin at {@code first}. */
  private record Part(InferenceValue whole, long first) {}

  private InferenceParts() {}

  /** No parts. */
  static InferenceParts none() {
    return new InferenceParts();
  }

  /** What the steps concatenate and slice, as far as it can lie within another value. */
  static InferenceParts of(List<InferenceStep> steps, InferenceLayout layout) {
    var parts = new InferenceParts();
    if (layout != InferenceLayout.CHANNELS_LAST) {
      for (var step : steps) {
        if (step instanceof Slice slice) {
          parts.put(slice.output(), slice.input(), slice.channels().from());
        } else if (step instanceof Concatenate concatenation) {
          parts.put(concatenation);
        }
      }
    }
    return parts;
  }

  private void put(Concatenate step) {
    long first = 0;
    for (var input : step.inputs()) {
      if (Collections.frequency(step.inputs(), input) == 1) {
        put(input, step.output(), first);
      }
      first += input.shape().channels();
    }
  }

  /** A value lies in one other only, and never in the caller's. */
  private void put(InferenceValue value, InferenceValue whole, long first) {
    if (value.place() == Place.ARENA && whole.place() == Place.ARENA) {
      parts.putIfAbsent(value, new Part(whole, first));
    }
  }

  /** Whether a value lies within another. */
  boolean isPart(InferenceValue value) {
    return parts.containsKey(value);
  }

  /** Whether a value lies, as these channels, within {@code whole} and not in another one. */
  boolean isPartOf(InferenceValue value, InferenceValue whole) {
    var part = parts.get(value);
    return part != null && part.whole() == whole;
  }

  /** The value that a value, its whole, the whole's whole and so on lie within; or itself. */
  InferenceValue root(InferenceValue value) {
    var part = parts.get(value);
    return part == null ? value : root(part.whole());
  }

  /** Where a value of one image begins in that of its root, in bytes. */
  long offset(InferenceValue value) {
    var part = parts.get(value);
    if (part == null) {
      return 0;
    }
    var shape = value.shape();
    long pixels = (long) shape.height() * shape.width();
    return part.first() * pixels * Float.BYTES + offset(part.whole());
  }
}
