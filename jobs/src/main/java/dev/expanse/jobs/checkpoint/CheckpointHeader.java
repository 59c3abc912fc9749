package dev.expanse.jobs.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a checkpoint's file says before its arrays. As bytes, little-endian:
 *
 * <pre>
 * int64 round   int8 has a score (0, 1)   float64 score   text description
 * int32 arrays, and of each:   text name   int32 length
 * </pre>
 *
 * where a text is its length in bytes (int32) and UTF-8.
 *
 * @param lengths how many numbers each array has, in the order of the file
 */
record CheckpointHeader(
    long round, OptionalDouble score, String description, Map<String, Integer> lengths) {
  private static final int FIXED_BYTES = 8 + 1 + 8 + 4 + 4;

  static CheckpointHeader of(Checkpoint checkpoint, OptionalDouble score) {
    var lengths = new LinkedHashMap<String, Integer>();
    checkpoint.arrays().forEach((name, array) -> lengths.put(name, array.length));
    return new CheckpointHeader(checkpoint.round(), score, checkpoint.description(), lengths);
  }

  byte[] encoded() {
    int bytes = FIXED_BYTES + utf8(description).length;
    for (var name : lengths.keySet()) {
      bytes += 4 + utf8(name).length + 4;
    }
    var buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(round);
    buffer.put((byte) (score.isPresent() ? 1 : 0));
    buffer.putDouble(score.orElse(0));
    putText(buffer, description);
    buffer.putInt(lengths.size());
    lengths.forEach(
        (name, length) -> {
          putText(buffer, name);
          buffer.putInt(length);
        });
    return buffer.array();
  }

  static CheckpointHeader decode(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long round = buffer.getLong();
    boolean hasScore = buffer.get() == 1;
    double score = buffer.getDouble();
    var description = text(buffer);
    int arrays = buffer.getInt();
    var lengths = new LinkedHashMap<String, Integer>();
    for (int i = 0; i < arrays; i++) {
      lengths.put(text(buffer), buffer.getInt());
    }
    return new CheckpointHeader(
        round, hasScore ? OptionalDouble.of(score) : OptionalDouble.empty(), description, lengths);
  }

  private static void putText(ByteBuffer buffer, String text) {
    var bytes = utf8(text);
    buffer.putInt(bytes.length).put(bytes);
  }

  private static String text(ByteBuffer buffer) {
    var bytes = new byte[buffer.getInt()];
    buffer.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
