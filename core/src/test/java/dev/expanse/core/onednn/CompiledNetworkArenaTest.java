package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.network.Shape;
import dev.expanse.core.onednn.ArenaPlan.Block;
import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceKernel.Argument;
import dev.expanse.core.onednn.InferenceKernel.Images;
import dev.expanse.core.onednn.InferenceValue.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CompiledNetworkArenaTest {
  @Test
  @DisplayName(
      "Blocks that live at once never overlap, and the arena is no larger than all of them")
  void plan() {
    var random = new Random(1);
    for (int round = 0; round < 200; round++) {
      var blocks = new ArrayList<Block>();
      for (int i = 0; i < 1 + random.nextInt(30); i++) {
        int from = random.nextInt(40);
        blocks.add(new Block(random.nextInt(1000), from, from + random.nextInt(8)));
      }
      var plan = ArenaPlan.of(blocks);

      assertThat(plan.offsets()).allMatch(offset -> offset % ArenaPlan.ALIGNMENT == 0);
      assertThat(plan.bytes())
          .isLessThanOrEqualTo(
              blocks.stream().mapToLong(b -> b.bytes() + ArenaPlan.ALIGNMENT).sum());
      for (int a = 0; a < blocks.size(); a++) {
        assertThat(plan.offsets().get(a) + blocks.get(a).bytes()).isLessThanOrEqualTo(plan.bytes());
        for (int b = 0; b < a; b++) {
          assertThat(apart(plan, blocks, a, b)).isTrue();
        }
      }
    }
  }

  private static boolean apart(ArenaPlan plan, List<Block> blocks, int a, int b) {
    var first = blocks.get(a);
    var second = blocks.get(b);
    boolean together = first.from() <= second.to() && second.from() <= first.to();
    long firstStart = plan.offsets().get(a);
    long secondStart = plan.offsets().get(b);
    return !together
        || firstStart + first.bytes() <= secondStart
        || secondStart + second.bytes() <= firstStart;
  }

  @Test
  @DisplayName("Whatever a kernel reads is what was written for those images, in plans of any form")
  void buffers() {
    var random = new Random(1);
    for (int round = 0; round < 500; round++) {
      new Simulation(random, List.of(1, 4, 6, 8).get(random.nextInt(4))).run();
    }
  }

  /** Runs drawn kernels on an arena whose every line remembers what was written to it. */
  private static final class Simulation {
    private final Random random;
    private final int batch;
    private final List<InferenceValue> values = new ArrayList<>();
    private final List<InferenceKernel> kernels = new ArrayList<>();

    Simulation(Random random, int batch) {
      this.random = random;
      this.batch = batch;
      int images = 1;
      int count = 2 + random.nextInt(12);
      for (int i = 0; i < count; i++) {
        while (random.nextInt(3) == 0 || batch % images != 0) {
          images = Math.min(batch, images + 1);
        }
        kernels.add(kernel(i, images));
      }
      kernels.replaceAll(this::overwriting);
    }

    private InferenceKernel kernel(int index, int images) {
      var arguments = new ArrayList<Argument>();
      for (int i = 0; i < 2 && !values.isEmpty(); i++) {
        int recent = Math.max(0, values.size() - 1 - random.nextInt(4));
        arguments.add(new Activation(i, values.get(recent), null));
      }
      var shape = new Shape(1, 1 + random.nextInt(9), 16); // whole lines
      var output = new InferenceValue("value" + index, shape, Place.ARENA);
      values.add(output);
      arguments.add(new Activation(2, output, null));
      var taken = new Images(images, images % 2 == 0 ? 2 : 1);
      return new InferenceKernel(null, "none", taken, arguments, Optional.empty());
    }

    /** The same, in the place of a value of the same shape that nobody reads later. */
    private InferenceKernel overwriting(InferenceKernel kernel) {
      var later = kernels.subList(kernels.indexOf(kernel) + 1, kernels.size());
      var overwritten =
          reads(kernel).stream()
              .filter(value -> value.shape().equals(output(kernel).shape()))
              .filter(value -> later.stream().noneMatch(other -> reads(other).contains(value)))
              .findFirst();
      return new InferenceKernel(null, "none", kernel.images(), kernel.arguments(), overwritten);
    }

    private static InferenceValue output(InferenceKernel kernel) {
      return ((Activation) kernel.arguments().get(kernel.arguments().size() - 1)).value();
    }

    private static List<InferenceValue> reads(InferenceKernel kernel) {
      return kernel.arguments().stream()
          .filter(argument -> argument.number() < 2)
          .map(argument -> ((Activation) argument).value())
          .toList();
    }

    void run() {
      var buffers = InferenceBuffers.of(kernels, InferenceParts.none(), batch);
      var arena = new String[(int) (buffers.bytes() / ArenaPlan.ALIGNMENT)];
      for (int from = 0; from < kernels.size(); from = buffers.endOfSegment(from)) {
        int images = kernels.get(from).images().chunk();
        for (int first = 0; first < batch; first += images) {
          for (int i = from; i < buffers.endOfSegment(from); i++) {
            execute(kernels.get(i), first, buffers, arena);
          }
        }
      }
    }

    private static void execute(
        InferenceKernel kernel, int first, InferenceBuffers buffers, String[] arena) {
      for (int image = first; image < first + kernel.images().chunk(); image++) {
        for (var value : reads(kernel)) {
          assertThat(lines(value, first, image, buffers, arena))
              .as("%s of image %d", value, image)
              .containsOnly(value + " of " + image);
        }
      }
      var output = output(kernel);
      for (int image = first; image < first + kernel.images().chunk(); image++) {
        Collections.fill(lines(output, first, image, buffers, arena), output + " of " + image);
      }
    }

    private static List<String> lines(
        InferenceValue value, int first, int image, InferenceBuffers buffers, String[] arena) {
      long start = buffers.offset(value, first, image - first);
      int line = (int) (start / ArenaPlan.ALIGNMENT);
      int count = (int) (value.bytesOfImage() / ArenaPlan.ALIGNMENT);
      return Arrays.asList(arena).subList(line, line + count);
    }
  }
}
