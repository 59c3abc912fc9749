package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.Pointer;

/**
 * The native objects that JavaCPP knows of in this JVM.
 *
 * @param count how many there are
 * @param bytes their size
 */
record NativeObjects(long count, long bytes) {
  private static final int STILL = 10;
  private static final int MOST_LOOKS = 1200;
  private static final long PAUSE_MILLIS = 50;

  static NativeObjects now() {
    return new NativeObjects(Pointer.totalCount(), Pointer.totalBytes());
  }

  /**
   * Those that are there once JavaCPP's thread has freed what other tests have left to the garbage
   * collector, which may be tens of thousands.
   */
  static NativeObjects settled() throws InterruptedException {
    System.gc();
    var last = now();
    int still = 0;
    for (int look = 0; still < STILL; look++) {
      assertThat(look).as("looks until %s have settled", last).isLessThan(MOST_LOOKS);
      Thread.sleep(PAUSE_MILLIS);
      var seen = now();
      still = seen.equals(last) ? still + 1 : 0;
      last = seen;
    }
    return last;
  }

  /** Requires that there are no more than there were. */
  void requireNoMore() {
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(count);
    assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(bytes);
  }
}
