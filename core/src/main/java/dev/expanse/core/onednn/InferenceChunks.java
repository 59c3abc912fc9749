package dev.expanse.core.onednn;

import java.util.List;

/**
 * How many images each step takes at once. While feature maps are large a step works on few images,
 * so that what it writes is still in the cache when the next step reads it; later ones work on
 * more, so that weights are read once for all of them.
 */
final class InferenceChunks {
  /** What a step's inputs and output may take together: about a core's second-level cache. */
  private static final long CACHED_BYTES = 1L << 20;

  private InferenceChunks() {}

  /** For each step a divisor of {@code batch}, never smaller than the step's before. */
  static int[] of(List<InferenceStep> steps, int batch) {
    var chunks = new int[steps.size()];
    int images = 1;
    for (int i = 0; i < chunks.length; i++) {
      images = Math.max(images, largest(steps.get(i), batch));
      chunks[i] = images;
    }
    return chunks;
  }

  private static int largest(InferenceStep step, int batch) {
    long bytes = step.output().bytesOfImage();
    for (var input : step.inputs()) {
      bytes += input.bytesOfImage();
    }
    int images = (int) Math.max(1, Math.min(batch, CACHED_BYTES / bytes));
    while (batch % images != 0) {
      images--;
    }
    return images;
  }
}
