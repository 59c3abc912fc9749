package dev.expanse.jobs.space;

import dev.expanse.jobs.space.Assessment.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How many configurations can and may be run, and why others do not.
 *
 * @param groups configurations of one status that have the same reason, but for the numbers in it
 */
public record Summary(List<Group> groups) {
  /** Reasons that differ in their numbers only are the same. */
  static final String NUMBER = "\\d+";

  private static final int SHOWN = 5;

  /**
   * Configurations that have the same outcome.
   *
   * @param status their status
   * @param example the reason of one of them; null where they are {@code OK}
   * @param count how many
   */
  public record Group(Status status, String example, long count) {}

  /** Copies the list, largest groups of a status first. */
  public Summary {
    groups =
        groups.stream()
            .sorted(
                Comparator.comparing(Group::status)
                    .thenComparing(Comparator.comparingLong(Group::count).reversed())
                    .thenComparing(group -> String.valueOf(group.example())))
            .toList();
  }

  /** The summary of configurations, in whose order the first of a group is its example. */
  public static Summary of(Iterable<Assessment> assessments) {
    var groups = new LinkedHashMap<String, Group>();
    for (var assessment : assessments) {
      var reason = assessment.reason();
      var kind = assessment.status() + String.valueOf(reason).replaceAll(NUMBER, "#");
      groups.merge(
          kind,
          new Group(assessment.status(), reason, 1),
          (first, next) -> new Group(first.status(), first.example(), first.count() + 1));
    }
    return new Summary(List.copyOf(groups.values()));
  }

  /** How many there are in all. */
  public long count() {
    return groups.stream().mapToLong(Group::count).sum();
  }

  /** How many have a status. */
  public long count(Status status) {
    return groups.stream().filter(group -> group.status() == status).mapToLong(Group::count).sum();
  }

  /**
   * For people: {@code of 100 configurations 40 are valid, 50 exceed macs, 10 do not build: "..."}.
   */
  @Override
  public String toString() {
    var parts = new ArrayList<String>();
    parts.add(
        text(
            "of %,d configurations %,d %s valid",
            count(), count(Status.OK), count(Status.OK) == 1 ? "is" : "are"));
    for (var group : groups) {
      switch (group.status()) {
        case EXCEEDS -> parts.add(text("%,d exceed %s", group.count(), group.example()));
        case BELOW -> parts.add(text("%,d are below %s", group.count(), group.example()));
        case OK, UNBUILDABLE -> {} // told as one
      }
    }
    long unbuildable = count(Status.UNBUILDABLE);
    if (unbuildable > 0) {
      parts.add(text("%,d do not build: %s", unbuildable, reasons()));
    }
    return String.join(", ", parts);
  }

  private String reasons() {
    var reasons = groups.stream().filter(group -> group.status() == Status.UNBUILDABLE).toList();
    var shown =
        reasons.stream()
            .limit(SHOWN)
            .map(group -> text("\"%s\" (%,d)", group.example(), group.count()))
            .collect(Collectors.joining(", "));
    int more = reasons.size() - SHOWN;
    return more > 0 ? shown + " and " + more + " more reasons" : shown;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
