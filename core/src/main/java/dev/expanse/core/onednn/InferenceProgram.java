package dev.expanse.core.onednn;

import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceKernel.Constant;
import dev.expanse.core.onednn.InferenceKernel.Scratchpad;
import dev.expanse.core.onednn.InferenceValue.Place;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Kernels with their memory, ready to run. Native objects belong to the scope that is open. */
final class InferenceProgram {
  private final engine engine = OneDnn.engine();
  private final stream stream = new stream(engine);
  private final InferenceBuffers buffers;
  private final BytePointer arena;
  private final List<Call> calls = new ArrayList<>();
  private final List<Binding> bindings = new ArrayList<>();

  /** One execution of a primitive. */
  private record Call(primitive primitive, IntMemoryMap arguments) {}

  /** Memory of the caller's: where in the array of that place it begins. */
  private record Binding(memory memory, Place place, long offset) {}

  InferenceProgram(List<InferenceKernel> kernels, InferenceParts parts, int batch) {
    this.buffers = InferenceBuffers.of(kernels, parts, batch);
    this.arena = aligned(buffers.bytes());
    for (int from = 0; from < kernels.size(); ) {
      int to = buffers.endOfSegment(from);
      int chunk = kernels.get(from).images().chunk();
      for (int first = 0; first < batch; first += chunk) {
        for (int i = from; i < to; i++) {
          call(kernels.get(i), i, first);
        }
      }
      from = to;
    }
  }

  private void call(InferenceKernel kernel, int index, int first) {
    for (int image = 0; image < kernel.images().chunk(); image += kernel.images().each()) {
      calls.add(new Call(kernel.primitive(), arguments(kernel, index, first, image)));
    }
  }

  private static BytePointer aligned(long bytes) {
    var pointer = new BytePointer(Math.addExact(bytes, ArenaPlan.ALIGNMENT));
    long gap = -pointer.address() & (ArenaPlan.ALIGNMENT - 1);
    return pointer.position(gap);
  }

  private IntMemoryMap arguments(InferenceKernel kernel, int index, int first, int image) {
    var arguments = new IntMemoryMap();
    for (var argument : kernel.arguments()) {
      if (argument instanceof Activation activation) {
        arguments.put(argument.number(), activation(activation, first, image));
      } else if (argument instanceof Constant constant) {
        arguments.put(argument.number(), constant.memory());
      } else if (argument instanceof Scratchpad scratchpad) {
        long offset = buffers.scratchpad(index);
        arguments.put(argument.number(), inArena(scratchpad.description(), offset));
      }
    }
    return arguments;
  }

  private memory activation(Activation activation, int first, int image) {
    var value = activation.value();
    if (value.place() == Place.ARENA) {
      return inArena(activation.description(), buffers.offset(value, first, image));
    }
    var memory = new memory(activation.description(), engine, new Pointer());
    bindings.add(new Binding(memory, value.place(), (first + image) * value.bytesOfImage()));
    return memory;
  }

  private memory inArena(memory.desc description, long offset) {
    return new memory(
        description, engine, new BytePointer(arena).position(arena.position() + offset));
  }

  /** Bytes of the memory that activations and scratchpads share. */
  long arenaBytes() {
    return buffers.bytes();
  }

  /** Computes the probabilities of all images. */
  void run(Pointer images, Pointer probabilities) {
    var from = new BytePointer(images);
    var to = new BytePointer(probabilities);
    long imagesStart = from.position();
    long probabilitiesStart = to.position();
    for (var binding : bindings) {
      binding.memory.set_data_handle(
          binding.place == Place.IMAGES
              ? from.position(imagesStart + binding.offset)
              : to.position(probabilitiesStart + binding.offset));
    }
    for (var call : calls) {
      call.primitive.execute(stream, call.arguments);
    }
    stream._wait();
  }
}
