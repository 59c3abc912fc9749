package dev.expanse.jobs.compute;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.spark.SparkEnv;
import org.bytedeco.javacpp.Pointer;

/**
 * Memory that a computation has asked for and could not have, in one sentence: how much, what the
 * limit is, and which setting raises it. Spark ends the process of a task that throws an {@link
 * OutOfMemoryError}, or anything caused by one, so that nobody would learn of it; this is thrown
 * instead, and has no cause.
 */
public final class MemoryShortageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What JavaCPP, ND4J's allocator, and the JVM say of what was asked for. */
  private static final Pattern ASKED =
      Pattern.compile(
          "Cannot allocate new (\\w+)\\((\\d+)\\)|Failed to allocate \\[(\\d+)\\] bytes");

  /** What JavaCPP calls its limits. */
  private static final String PHYSICAL = "maxPhysicalBytes";

  private static final String TRACKED = "maxBytes";

  private MemoryShortageException(String message) {
    super(message);
  }

  /**
   * Does something that may find too little memory.
   *
   * @throws MemoryShortageException instead of an {@link OutOfMemoryError}, whatever that caused
   */
  public static <T> T during(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException | Error e) {
      var error = error(e);
      if (error.isEmpty()) {
        throw e;
      }
      throw of(error.get());
    }
  }

  /** The shortage behind an exception, in one sentence, if there is one. */
  public static Optional<String> causeOf(Throwable e) {
    for (var cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof MemoryShortageException shortage) {
        return Optional.of(shortage.getMessage());
      }
    }
    return error(e).map(error -> of(error).getMessage());
  }

  private static Optional<OutOfMemoryError> error(Throwable e) {
    for (var cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError error) {
        return Optional.of(error);
      }
    }
    return Optional.empty();
  }

  private static MemoryShortageException of(OutOfMemoryError error) {
    var reason = error.getCause() == null ? error : error.getCause();
    var why = String.valueOf(reason.getMessage());
    var asked = asked(String.valueOf(error.getMessage()));
    if (asked.isEmpty() && !why.contains(PHYSICAL) && !why.contains(TRACKED)) {
      return new MemoryShortageException(
          String.format(
              Locale.ROOT,
              "out of memory: %s, the heap's limit is %s: raise spark.%s.memory",
              why,
              gigabytes(Runtime.getRuntime().maxMemory()),
              role()));
    }
    return new MemoryShortageException(
        String.format(
            Locale.ROOT,
            "out of memory: could not have %s outside of the heap, %s: %s",
            asked.orElse("more"), // for an object of a native library, whose size nobody tells
            why,
            remedy(why)));
  }

  private static Optional<String> asked(String message) {
    var found = ASKED.matcher(message);
    if (!found.find()) {
      return Optional.empty();
    }
    return Optional.of(
        found.group(3) != null
            ? String.format(Locale.ROOT, "%,d bytes", Long.parseLong(found.group(3)))
            : String.format(
                Locale.ROOT,
                "%,d bytes (%s)",
                Long.parseLong(found.group(2)) * width(found.group(1)),
                found.group(1)));
  }

  private static int width(String pointer) {
    return switch (pointer) {
      case "FloatPointer", "IntPointer" -> Float.BYTES;
      case "DoublePointer", "LongPointer", "PointerPointer" -> Double.BYTES;
      case "ShortPointer", "CharPointer" -> Short.BYTES;
      default -> 1;
    };
  }

  private static String remedy(String why) {
    if (why.contains(PHYSICAL)) {
      return raise("maxphysicalbytes", Pointer.maxPhysicalBytes());
    }
    if (why.contains(TRACKED)) {
      return raise("maxbytes", Pointer.maxBytes());
    }
    return "the machine or its container has no more; a smaller batch needs less";
  }

  private static String raise(String property, long limit) {
    return String.format(
        Locale.ROOT,
        "raise -Dorg.bytedeco.javacpp.%s=%dm in spark.%s.extraJavaOptions, and with it the"
            + " container's memory, or take a smaller batch",
        property,
        limit >> 20,
        role());
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  /** Whose settings hold in this process: in local mode the driver's do for tasks as well. */
  private static String role() {
    var env = SparkEnv.get();
    return env == null || env.executorId().equals("driver") ? "driver" : "executor";
  }
}
