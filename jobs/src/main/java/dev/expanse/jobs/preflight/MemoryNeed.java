package dev.expanse.jobs.preflight;

/**
 * How much memory something needs, in bytes, beyond what a process has anyway.
 *
 * @param heap of Java, alive at one time
 * @param buffers outside of the heap that JavaCPP counts: scratch memory
 * @param arrays outside of the heap that it does not count: those of ND4J, and its workspaces
 */
record MemoryNeed(double heap, double buffers, double arrays) {
  static final MemoryNeed NONE = new MemoryNeed(0, 0, 0);

  MemoryNeed plus(MemoryNeed other) {
    return new MemoryNeed(heap + other.heap, buffers + other.buffers, arrays + other.arrays);
  }

  MemoryNeed times(double factor) {
    return new MemoryNeed(factor * heap, factor * buffers, factor * arrays);
  }

  /** All of it. */
  double bytes() {
    return heap + buffers + arrays;
  }
}
