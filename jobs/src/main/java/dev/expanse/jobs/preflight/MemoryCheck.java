package dev.expanse.jobs.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Compares what a process may have of memory with what is to be done in it. */
final class MemoryCheck {
  /** What Spark and the application have on the heap by themselves. */
  static final double HEAP_BASE = 150e6;

  /** What a JVM and the native libraries take outside of it. */
  static final double NATIVE_BASE = 550e6;

  /** A limit that is recommended leaves so much room. */
  private static final double ROOM = 1.25;

  private static final String JAVACPP = "-Dorg.bytedeco.javacpp.";

  private final ProcessFacts process;
  private final Task task;
  private final MemoryNeed need;
  private final String role;

  /**
   * What is to be done, in parts of a sentence.
   *
   * @param refused whether it is not to begin where memory is short; else this is a warning
   * @param subject what needs the memory, with its verb
   * @param purpose for what
   * @param instead what could be changed as well
   */
  private record Task(boolean refused, String subject, String purpose, String instead) {}

  private MemoryCheck(ProcessFacts process, Task task, MemoryNeed need) {
    this.process = process;
    this.task = task;
    this.need = need.plus(new MemoryNeed(HEAP_BASE, 0, NATIVE_BASE));
    this.role = process.executor().equals(ProcessFacts.DRIVER) ? "driver" : "executor";
  }

  /**
   * A check of one process, of which the work has a share.
   *
   * @param need what all that is done of it there needs
   */
  static MemoryCheck of(ProcessFacts process, Work work, MemoryNeed need) {
    var subject = work.spec().name() + ": needs";
    return new MemoryCheck(
        process, new Task(true, subject, work.description(), "a smaller network or batch"), need);
  }

  /**
   * A check of one process in which trainings meet that each fit there alone.
   *
   * @param trainings how many at most
   * @param need what the largest of them need together
   */
  static MemoryCheck together(ProcessFacts process, int trainings, MemoryNeed need) {
    var subject = "the " + trainings + " largest trainings together: need";
    return new MemoryCheck(
        process, new Task(false, subject, "to run at once", "fewer tasks at once"), need);
  }

  List<Verdict> verdicts() {
    var limits = process.memory();
    var verdicts = new ArrayList<Verdict>();
    if (need.heap() > limits.heap()) {
      verdicts.add(
          shortage("Java heap", need.heap(), limits.heap(), "spark.%s.memory = %dm", need.heap()));
    }
    if (limits.tracked() > 0 && need.buffers() > limits.tracked()) {
      verdicts.add(
          shortage(
              "buffers outside of the heap",
              need.buffers(),
              limits.tracked(),
              JAVACPP + "maxbytes=%2$dm in spark.%1$s.extraJavaOptions",
              need.buffers()));
    }
    if (limits.physical() > 0 && need.bytes() > limits.physical()) {
      verdicts.add(
          shortage(
              "memory in all",
              need.bytes(),
              limits.physical(),
              JAVACPP + "maxphysicalbytes=%2$dm in spark.%1$s.extraJavaOptions",
              need.bytes()));
    }
    if (limits.container() > 0 && need.bytes() > limits.container()) {
      verdicts.add(
          shortage(
              "memory in all",
              need.bytes(),
              limits.container(),
              "a container or machine of %2$d MiB (on YARN and Kubernetes"
                  + " spark.%1$s.memory + spark.%1$s.memoryOverhead)",
              need.bytes()));
    }
    return verdicts;
  }

  private Verdict shortage(String kind, double bytes, long limit, String setting, double wanted) {
    var sentence =
        String.format(
            Locale.ROOT,
            "%s about %.1f GB of %s in %s %s, which has %.1f GB: expected %s, or %s",
            task.subject(),
            bytes / 1e9,
            kind,
            process.name(),
            task.purpose(),
            limit / 1e9,
            String.format(Locale.ROOT, setting, role, (long) Math.ceil(ROOM * wanted / (1 << 20))),
            task.instead());
    return new Verdict(task.refused(), sentence);
  }

  /** Whether a failing allocation would end the container before it becomes an error. */
  static List<Verdict> ofLimits(ProcessFacts process) {
    var limits = process.memory();
    if (limits.container() == 0
        || limits.physical() > 0 && limits.physical() <= limits.container()) {
      return List.of();
    }
    return List.of(
        Verdict.warning(
            "%s: %smaxphysicalbytes is %s, and the system ends the process beyond %.1f GB: at most"
                + " that, too much memory is an error with its size",
            process.name(),
            JAVACPP,
            limits.physical() == 0
                ? "not set"
                : String.format(Locale.ROOT, "%.1f GB", limits.physical() / 1e9),
            limits.container() / 1e9));
  }
}
