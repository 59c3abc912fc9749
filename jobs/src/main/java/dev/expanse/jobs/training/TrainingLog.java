package dev.expanse.jobs.training;

import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.evaluation.Evaluation;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.evaluation.EvaluationTables;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.results.Circumstances;
import dev.expanse.jobs.results.ResultTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Keeps what happens in a training, in tables and checkpoints, and tells the user how far it is.
 * The rows of rounds become durable just before the checkpoint that comes after them: a training
 * that is killed and goes on from there may write some of them twice, under another run.
 */
public final class TrainingLog implements TrainingWatcher {
  private final String training;
  private final Evaluation.Subject subject;
  private final Map<String, Object> identity;
  private final Map<String, Object> circumstances;
  private final ResultTable rounds;
  private final EvaluationTables evaluations;
  private final CheckpointFolder checkpoints;
  private final int everyRounds;
  private final List<Map<String, Object>> unwritten = new ArrayList<>();
  private final Progress progress =
      Progress.goingOn(); // the first round, which warms up, says little
  private OptionalDouble top1 = OptionalDouble.empty();
  private final List<Double> rates = new ArrayList<>();
  private Optional<Round> last = Optional.empty();
  private Optional<Evaluation.Moment> moment;
  private Round evaluatedLast;

  /**
   * The log of one training.
   *
   * @param training tells it from others in the tables
   * @param from where it goes on; empty if it begins
   * @param subject what is evaluated on the way
   * @param checkpoints where states are kept
   * @param everyRounds one after so many rounds, and one at the end
   */
  public TrainingLog(
      SparkSession spark,
      Path results,
      String training,
      Optional<Evaluation.Moment> from,
      Identity identity,
      Evaluation.Subject subject,
      CheckpointFolder checkpoints,
      int everyRounds) {
    this.training = training;
    this.moment = from;
    this.subject = subject;
    this.identity = identity.columns();
    this.circumstances = Circumstances.of(spark);
    this.rounds = new ResultTable(spark, results, TrainingTable.NAME, TrainingTable.SCHEMA);
    this.evaluations = new EvaluationTables(spark, results);
    this.checkpoints = checkpoints;
    this.everyRounds = everyRounds;
  }

  /** The table of the rounds. */
  public ResultTable rounds() {
    return rounds;
  }

  /** The tables of the evaluations. */
  public EvaluationTables evaluations() {
    return evaluations;
  }

  /** The last round that this process has made, if any. */
  public Optional<Round> last() {
    return last;
  }

  /** Images a second in the median round of this process, but for the first, if there are more. */
  public OptionalDouble imagesASecond() {
    return rates.stream().mapToDouble(rate -> rate).sorted().skip(rates.size() / 2).findFirst();
  }

  /** The newest top-1 on the split {@code val}, if it has been evaluated. */
  public OptionalDouble top1() {
    return top1;
  }

  @Override
  public void round(Round round) {
    long images = round.images() - last.map(Round::images).orElse(0L);
    boolean first = last.isEmpty();
    last = Optional.of(round);
    moment = Optional.of(moment(round));
    unwritten.add(TrainingTable.row(training, identity, circumstances, round));
    if (!first) {
      rates.add(images / round.seconds());
    }
    progress.at(
        (double) round.number() / round.rounds(), () -> line(round, images / round.seconds()));
  }

  private String line(Round round, double imagesASecond) {
    var accuracy =
        top1.isPresent()
            ? String.format(Locale.ROOT, ", top-1 %.1f%%", 100 * top1.getAsDouble())
            : "";
    return String.format(
        Locale.ROOT,
        "%s: epoch %d, round %d of %d, loss %.3f%s, %.0f images/s",
        subject.network().name(),
        round.epoch(),
        round.number(),
        round.rounds(),
        round.loss(),
        accuracy,
        imagesASecond);
  }

  @Override
  public void evaluated(Evaluated evaluated) {
    evaluatedLast = evaluated.round();
    append(Optional.of(moment(evaluated.round())), evaluated.counts(), evaluated.seconds());
  }

  /**
   * Keeps the evaluation of the finished network, unless the last one on the way was of the same,
   * or an earlier process has kept it. The best of several networks has no round in its row: it may
   * be the network of any of them.
   *
   * @param evaluation makes it
   */
  public void finished(Supplier<EvaluationCounts> evaluation) {
    boolean isBest = subject.recipe().evaluation().patience() > 0;
    if (!isBest && last.isEmpty()) {
      top1 = evaluatedBefore();
    }
    if (isBest || (last.isEmpty() ? top1.isEmpty() : evaluatedLast != last.get())) {
      long start = System.nanoTime();
      var counts = evaluation.get();
      append(isBest ? Optional.empty() : moment, counts, (System.nanoTime() - start) / 1e9);
    }
  }

  private OptionalDouble evaluatedBefore() {
    var table = evaluations.evaluations().read();
    int round = moment.map(Evaluation.Moment::round).orElse(0);
    return table
        .where(table.col("training").equalTo(training).and(table.col("round").equalTo(round)))
        .select("top1")
        .collectAsList()
        .stream()
        .mapToDouble(row -> row.getDouble(0))
        .findFirst();
  }

  private Evaluation.Moment moment(Round round) {
    return new Evaluation.Moment(training, round.epoch(), round.number(), round.images());
  }

  private void append(Optional<Evaluation.Moment> when, EvaluationCounts counts, double seconds) {
    top1 = OptionalDouble.of(counts.top1());
    evaluations.append(
        new Evaluation(
            subject, when, counts, Instant.now().minusMillis((long) (1000 * seconds)), seconds));
  }

  @Override
  public void resumable(
      Round round, boolean end, OptionalDouble score, Supplier<TrainingState> state) {
    if (end || score.isPresent() || round.number() % everyRounds == 0) {
      flush();
      checkpoints.write(state.get().toCheckpoint(), score);
    }
  }

  /** Makes the rows of rounds durable that are not yet. */
  public void flush() {
    if (!unwritten.isEmpty()) {
      rounds.append(unwritten);
      unwritten.clear();
    }
  }
}
