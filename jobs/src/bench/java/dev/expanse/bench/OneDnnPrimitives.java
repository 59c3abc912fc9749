package dev.expanse.bench;

import dev.expanse.core.network.Network;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * The oneDNN primitives of a network for one {@link Task}, as {@link OneDnnPlans} makes them. They
 * share their memory: all sources are at one place, all weights at another, and so on.
 */
final class OneDnnPrimitives implements AutoCloseable {
  static final int EXECUTIONS = 6;

  @SuppressWarnings("unchecked") // an array of no classes, which the compiler makes
  private final PointerScope scope = new PointerScope(); // owns all that is made below

  private final engine cpu = new engine(engine.kind.cpu.value, 0);
  private final stream queue = new stream(cpu);
  private final Map<Integer, memory> shared = new HashMap<>();
  private final List<Call> calls;

  /** A primitive with the memory of its arguments. */
  private record Call(primitive primitive, IntMemoryMap arguments) {}

  OneDnnPrimitives(Network network, Task task) {
    var plans = OneDnnPlans.of(network, task, cpu);
    var largest = new HashMap<Integer, Long>();
    for (var plan : plans) {
      plan.arguments().forEach((key, desc) -> largest.merge(key, desc.get_size(), Math::max));
    }
    largest.forEach(
        (key, bytes) -> shared.put(key, filled((bytes + Float.BYTES - 1) / Float.BYTES)));
    calls = plans.stream().map(this::call).toList();
  }

  /** The sum of the best times of all primitives, milliseconds. */
  double bestMilliseconds() {
    return calls.stream().mapToDouble(this::best).sum();
  }

  private double best(Call call) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < EXECUTIONS; i++) {
      best = Math.min(best, Subject.milliseconds(() -> execute(call)));
    }
    return best;
  }

  private void execute(Call call) {
    call.primitive.execute(queue, call.arguments);
    queue._wait();
  }

  private Call call(OneDnnPlan plan) {
    var arguments = new IntMemoryMap();
    plan.arguments()
        .forEach(
            (key, desc) ->
                arguments.put(key, new memory(desc, cpu, shared.get(key).get_data_handle())));
    return new Call(plan.primitive(), arguments);
  }

  /** Values of both signs; pages never written would all be read from one page of zeros. */
  private memory filled(long count) {
    var filled = new memory(OneDnnPlan.floats(memory.format_tag.x, count), cpu);
    var values = new FloatPointer(filled.get_data_handle()).capacity(count);
    for (long i = 0; i < count; i++) {
      values.put(i, (((int) i * 0x9E3779B9) >> 8) * 0x1p-23f);
    }
    return filled;
  }

  @Override
  public void close() {
    scope.close();
  }
}
