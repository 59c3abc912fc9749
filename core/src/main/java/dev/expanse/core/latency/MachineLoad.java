package dev.expanse.core.latency;

import com.sun.management.OperatingSystemMXBean;
import java.io.Serializable;
import java.lang.management.ManagementFactory;

/**
 * What the machine did during a measurement.
 *
 * @param cores of the machine, or of the container that this process is in
 * @param coresIdle how many of them had nothing to do, on average; the threads that measure keep
 *     theirs busy; null where the system does not tell
 * @param loadBefore the system's load average of the last minute, when the measurement began; null
 *     where there is none
 * @param loadAfter the same when it ended
 */
public record MachineLoad(int cores, Double coresIdle, Double loadBefore, Double loadAfter)
    implements Serializable {

  /** Watches the machine until it is asked what it saw. */
  public static final class Watch {
    private final OperatingSystemMXBean system =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final Double loadBefore = load();

    /** Begins now. */
    public Watch() {
      system.getCpuLoad(); // what it tells next is since this call
    }

    /** What the machine has done since the watch began. */
    public MachineLoad end() {
      int cores = system.getAvailableProcessors();
      double busy = system.getCpuLoad();
      return new MachineLoad(cores, busy >= 0 ? cores * (1 - busy) : null, loadBefore, load());
    }

    private Double load() {
      double load = system.getSystemLoadAverage();
      return load >= 0 ? load : null;
    }
  }
}
