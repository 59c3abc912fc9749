package dev.expanse.jobs.space;

import dev.expanse.core.complexity.Complexity;

/**
 * What is known on paper of one configuration.
 *
 * @param index its place in the space
 * @param status whether it can and may be run
 * @param reason why not: the builder's sentence, or the constraints violated; null where it is
 *     {@code OK}
 * @param totals what it costs; null where no network can be built
 */
public record Assessment(long index, Status status, String reason, Complexity.Totals totals) {

  /** Whether a configuration can and may be run. */
  public enum Status {
    /** It can and may. */
    OK("ok"),
    /** Its choices make no network. */
    UNBUILDABLE("unbuildable"),
    /** It costs more than the constraints allow. */
    EXCEEDS("exceeds"),
    /** It costs less than the constraints ask for. */
    BELOW("below");

    private final String id;

    Status(String id) {
      this.id = id;
    }

    /** What tables call it. */
    public String id() {
      return id;
    }

    /**
     * The status that tables call so.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Status of(String id) {
      for (var status : values()) {
        if (status.id.equals(id)) {
          return status;
        }
      }
      throw new IllegalArgumentException("Cannot find the status '" + id + "'");
    }
  }

  /** Whether it can and may be run. */
  public boolean isOk() {
    return status == Status.OK;
  }
}
