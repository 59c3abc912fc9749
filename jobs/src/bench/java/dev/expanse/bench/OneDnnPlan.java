package dev.expanse.bench;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.javacpp.LongPointer;

/**
 * A primitive of oneDNN with the layouts of its arguments, by {@code DNNL_ARG_...}.
 *
 * @param primitive what is executed
 * @param arguments the layouts, as the primitive wants them
 */
record OneDnnPlan(primitive primitive, Map<Integer, memory.desc> arguments) {

  /** Floats without gaps. */
  static memory.desc floats(memory.format_tag order, long... dimensions) {
    return new memory.desc(new LongPointer(dimensions), memory.data_type.f32, order, false);
  }

  /** The same with one more argument. */
  OneDnnPlan with(int key, memory.desc layout) {
    var more = new HashMap<>(arguments);
    more.put(key, layout);
    return new OneDnnPlan(primitive, more);
  }
}
