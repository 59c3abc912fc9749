package dev.expanse.core.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.UnsafeByteOperations;

/**
 * A graph in ONNX's messages, to which operators and constants are added one after another, each
 * before what reads it.
 */
final class OnnxGraph {
  private static final String BATCH = "batch";

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Set<String> constants = new HashSet<>();

  /** Adds a constant of floats in row-major order and returns its name. */
  String constant(String name, float[] values, long... shape) {
    var bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return constant(name, TensorProto.DataType.FLOAT, bytes, shape);
  }

  /** Adds a constant list of integers and returns its name. */
  String constant(String name, long... values) {
    var bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return constant(name, TensorProto.DataType.INT64, bytes, values.length);
  }

  private String constant(String name, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
    if (constants.add(name)) { // operators may share one
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(type)
              .addAllDims(Arrays.stream(shape).boxed().toList())
              .setRawData(owned(bytes)));
    }
    return name;
  }

  /** Weights are large, and nobody else knows the buffer. */
  private static ByteString owned(ByteBuffer bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /**
   * Adds an operator.
   *
   * @param type its name in ONNX
   * @param name of the operator
   * @param output the name of what it computes, which is returned
   */
  String add(
      String type, String name, String output, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .setName(name)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
    return output;
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto attribute(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(Arrays.stream(values).boxed().toList())
        .build();
  }

  /** Declares an input of floats, {@code [batch, shape...]}. */
  void input(String name, long... shape) {
    graph.addInput(floats(name, shape));
  }

  /** Declares an output of floats, {@code [batch, shape...]}. */
  void output(String name, long... shape) {
    graph.addOutput(floats(name, shape));
  }

  private static ValueInfoProto floats(String name, long... shape) {
    var dimensions = TensorShapeProto.newBuilder();
    dimensions.addDimBuilder().setDimParam(BATCH);
    for (long size : shape) {
      dimensions.addDimBuilder().setDimValue(size);
    }
    var tensor =
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT).setShape(dimensions);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** The graph as it is now. */
  GraphProto build(String name) {
    return graph.setName(name).build();
  }
}
