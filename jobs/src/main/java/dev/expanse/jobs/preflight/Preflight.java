package dev.expanse.jobs.preflight;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.RowGroup;
import dev.expanse.jobs.preflight.ProcessFacts.Question;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the driver and of all executors before a job takes them: whether they can do it,
 * and what to change if not.
 */
public final class Preflight {
  private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

  /** Clocks further apart make times in tables and logs misleading. */
  private static final long CLOCK_MILLIS = 5_000;

  private final Census census;
  private final boolean asksForData;
  private final Set<String> warned = new HashSet<>();

  Preflight(Census census, boolean asksForData) {
    this.census = census;
    this.asksForData = asksForData;
  }

  /**
   * Asks the driver and the executors that are there.
   *
   * @param engines by their names, whose natives have to load
   * @param splits of which each executor has to read the first shard
   * @throws InvalidInputException if executors cannot run the application
   */
  public static Preflight of(
      JavaSparkContext spark, Collection<String> engines, List<List<RowGroup>> splits) {
    var shards =
        splits.stream().flatMap(split -> split.stream().limit(1)).map(RowGroup::shard).toList();
    var question = new Question(List.copyOf(engines), shards);
    return new Preflight(Census.take(spark, question), !shards.isEmpty());
  }

  /**
   * What the driver and each executor have said, as tables for a terminal.
   *
   * @param threads of a task
   */
  public String text(int threads) {
    return new CensusTable(census, threads, asksForData).text();
  }

  /** What is wrong whatever is to be done. */
  public List<Verdict> verdicts() {
    var verdicts = new ArrayList<Verdict>();
    for (var silent : census.silent()) {
      verdicts.add(
          Verdict.refusal(
              "executor %s: did not answer, expected an executor that is free", silent));
    }
    for (var executor : census.executors()) {
      verdicts.addAll(ofProcess(executor));
    }
    if (!isLocal()) {
      verdicts.addAll(MemoryCheck.ofLimits(census.driver()));
    }
    differing("processors", ProcessFacts::cpu)
        .or(() -> differing("processors", ProcessFacts::avx))
        .ifPresent(
            list ->
                verdicts.add(
                    Verdict.warning("%s: times measured on one do not hold on another", list)));
    return verdicts;
  }

  private boolean isLocal() {
    return census.executors().stream().allMatch(one -> one.executor().equals(ProcessFacts.DRIVER));
  }

  private List<Verdict> ofProcess(ProcessFacts executor) {
    var verdicts = new ArrayList<Verdict>();
    if (executor.natives() != null) {
      verdicts.add(
          Verdict.refusal(
              "%s: %s, expected a machine that they load on, or an application built for it",
              executor.name(), executor.natives()));
    }
    if (executor.data() != null) {
      verdicts.add(
          Verdict.refusal(
              "%s: cannot read the dataset (%s): expected a path that every executor reaches, such"
                  + " as hdfs:",
              executor.name(), executor.data()));
    }
    if (!executor.versions().equals(census.driver().versions())) {
      verdicts.add(
          Verdict.refusal(
              "%s: has %s, expected what the driver has, %s",
              executor.name(), executor.versions(), census.driver().versions()));
    }
    long clock = census.clockMillis().getOrDefault(executor.executor(), 0L);
    if (Math.abs(clock) > CLOCK_MILLIS) {
      verdicts.add(
          Verdict.warning(
              "%s: its clock is %.1f s %s the driver's: expected one that is set by NTP",
              executor.name(), Math.abs(clock) / 1e3, clock < 0 ? "behind" : "ahead of"));
    }
    verdicts.addAll(MemoryCheck.ofLimits(executor));
    return verdicts;
  }

  private Optional<String> differing(String what, Function<ProcessFacts, String> property) {
    var values = census.executors().stream().map(property).collect(Collectors.toSet());
    return values.size() > 1
        ? Optional.of("executors have different " + what + " (" + String.join("; ", values) + ")")
        : Optional.empty();
  }

  /** What is wrong with doing something there. */
  public List<Verdict> verdicts(Work work) {
    var verdicts = new ArrayList<Verdict>();
    work.impossible().ifPresent(reason -> verdicts.add(Verdict.refusal("%s", reason)));
    var executors = census.executors();
    if (!isLocal()) {
      verdicts.addAll(MemoryCheck.of(census.driver(), work, work.onDriver()).verdicts());
    }
    int all = executors.stream().mapToInt(ProcessFacts::tasks).sum();
    int tasks = work.tasks() == 0 ? all : work.tasks();
    int share = (tasks + executors.size() - 1) / Math.max(1, executors.size());
    for (var executor : executors) {
      int atOnce = Math.min(share, executor.tasks());
      Compute.excess(atOnce, work.threads(), executor.cores())
          .ifPresent(excess -> verdicts.add(Verdict.warning("%s: %s", executor.name(), excess)));
      var need = isLocal() ? work.inOneProcess(share, atOnce) : work.onExecutor(share, atOnce);
      verdicts.addAll(MemoryCheck.of(executor, work, need).verdicts());
    }
    return verdicts;
  }

  /**
   * What trainings would lack that are each one task's, so that as many of them as an executor has
   * tasks may meet there: at worst those that need most.
   */
  List<Verdict> together(List<Work.Training> trainings) {
    var needs =
        trainings.stream()
            .map(one -> isLocal() ? one.inOneProcess(1, 1) : one.onExecutor(1, 1))
            .sorted(Comparator.comparingDouble(MemoryNeed::bytes).reversed())
            .toList();
    var verdicts = new ArrayList<Verdict>();
    for (var executor : census.executors()) {
      int largest = Math.min(executor.tasks(), needs.size());
      var need = needs.stream().limit(largest).reduce(MemoryNeed.NONE, MemoryNeed::plus);
      verdicts.addAll(MemoryCheck.together(executor, largest, need).verdicts());
    }
    return verdicts;
  }

  /** Warns where trainings that each fit may not fit together, each of them one task's. */
  public void warn(List<Work.Training> trainings) {
    refusal(together(trainings));
  }

  /**
   * Refuses what cannot be used whatever is to be done, and warns of the rest.
   *
   * @throws InvalidInputException for the first reason
   */
  public Preflight require() {
    require(verdicts());
    return this;
  }

  /**
   * Refuses what cannot be done there, and warns of the rest.
   *
   * @throws InvalidInputException for the first reason
   */
  public Preflight require(Work work) {
    require(verdicts(work));
    return this;
  }

  private void require(List<Verdict> verdicts) {
    refusal(verdicts)
        .ifPresent(
            sentence -> {
              throw new InvalidInputException(sentence);
            });
  }

  /** Why something cannot be done there, if so; warns of the rest, of each thing once. */
  public Optional<String> refusal(Work work) {
    return refusal(verdicts(work));
  }

  private Optional<String> refusal(List<Verdict> verdicts) {
    for (var verdict : verdicts) {
      if (verdict.refused()) {
        return Optional.of(verdict.sentence());
      }
      if (warned.add(verdict.sentence())) {
        LOG.warn(verdict.sentence());
      }
    }
    return Optional.empty();
  }
}
