package dev.expanse.jobs.preflight;

import java.util.Locale;

/**
 * What is wrong with where a job is to run.
 *
 * @param refused whether the job must not begin; else it may, and this is a warning
 * @param sentence where, what, and what to do
 */
public record Verdict(boolean refused, String sentence) {
  static Verdict refusal(String format, Object... values) {
    return new Verdict(true, String.format(Locale.ROOT, format, values));
  }

  static Verdict warning(String format, Object... values) {
    return new Verdict(false, String.format(Locale.ROOT, format, values));
  }
}
