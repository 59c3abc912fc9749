package dev.expanse.jobs.space;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;

/**
 * The most memory that this JVM has used since it began, by the peaks of its memory pools, which
 * need not have been at one time.
 *
 * @param heapBytes of objects, garbage included
 * @param otherBytes of classes and compiled code
 */
public record PeakMemory(long heapBytes, long otherBytes) {

  /** The peak until now. */
  public static PeakMemory now() {
    return new PeakMemory(bytes(MemoryType.HEAP), bytes(MemoryType.NON_HEAP));
  }

  private static long bytes(MemoryType type) {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == type)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
