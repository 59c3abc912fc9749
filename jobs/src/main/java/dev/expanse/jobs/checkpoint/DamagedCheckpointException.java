package dev.expanse.jobs.checkpoint;

import java.io.IOException;

/** A file is not the whole of what was written. */
final class DamagedCheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedCheckpointException(String reason) {
    super(reason);
  }

  DamagedCheckpointException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
