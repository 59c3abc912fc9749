package dev.expanse.jobs.preflight;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.preflight.ProcessFacts.Question;
import dev.expanse.jobs.progress.JobDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.scheduler.ExecutorCacheTaskLocation;
import org.apache.spark.status.api.v1.ExecutorSummary;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Asks the driver and every executor that is there what it is like. Nothing guarantees where Spark
 * runs a task: each executor is named as the best place of one, and those that got none are asked
 * again. An executor that comes later is not asked.
 *
 * @param driver what the driver says
 * @param executors what they say, by their ids; in local mode the driver alone
 * @param silent executors that did not answer
 * @param clockMillis how far each executor's clock is from the driver's, at least, by their ids: it
 *     read a time before it was asked (negative), or after its answer was there
 */
record Census(
    ProcessFacts driver,
    List<ProcessFacts> executors,
    List<String> silent,
    Map<String, Long> clockMillis) {
  private static final int ROUNDS = 5;

  /** Long enough for Spark to give the other tasks to others. */
  private static final long BUSY_MILLIS = 100;

  /** An executor, as Spark's scheduler knows it, and how many tasks it gives it at once. */
  private record Place(String executor, String host, int tasks) {
    String location() {
      return new ExecutorCacheTaskLocation(host, executor).toString();
    }
  }

  /**
   * Asks.
   *
   * @throws InvalidInputException if executors cannot run the application
   */
  static Census take(JavaSparkContext spark, Question question) {
    var driver =
        ProcessFacts.here(new Question(question.engines(), List.of()), spark.hadoopConfiguration());
    if (spark.isLocal()) {
      return new Census(driver, List.of(driver.withTasks(tasks(spark))), List.of(), Map.of());
    }
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    try {
      return JobDescription.during(
          spark, "preflight", () -> ofExecutors(spark, driver, question, hadoop));
    } catch (RuntimeException e) {
      throw cannotRun(e);
    } finally {
      hadoop.destroy();
    }
  }

  private static Census ofExecutors(
      JavaSparkContext spark,
      ProcessFacts driver,
      Question question,
      Broadcast<SerializableConfiguration> hadoop) {
    spark.parallelize(List.of(0), 1).count(); // Spark waits until it has an executor
    var answers = new TreeMap<String, ProcessFacts>();
    var clocks = new TreeMap<String, Long>();
    var all = new TreeMap<String, Place>();
    var left = places(spark);
    for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
      left.forEach(place -> all.put(place.executor(), place));
      long asked = System.currentTimeMillis();
      var found = ask(spark, left, question, hadoop);
      long answered = System.currentTimeMillis();
      for (var answer : found) {
        answers.putIfAbsent(answer.executor(), answer);
        clocks.putIfAbsent(answer.executor(), outside(answer.clockMillis(), asked, answered));
      }
      left =
          places(spark).stream().filter(place -> !answers.containsKey(place.executor())).toList();
    }
    var silent = left.stream().map(place -> place.executor() + " on " + place.host()).toList();
    var executors =
        answers.values().stream()
            .filter(answer -> all.containsKey(answer.executor()))
            .map(answer -> answer.withTasks(all.get(answer.executor()).tasks()))
            .toList();
    return new Census(driver, executors, silent, Map.copyOf(clocks));
  }

  private static long outside(long clock, long from, long to) {
    return clock < from ? clock - from : Math.max(0, clock - to);
  }

  private static List<ProcessFacts> ask(
      JavaSparkContext spark,
      List<Place> places,
      Question question,
      Broadcast<SerializableConfiguration> hadoop) {
    var tasks = new ArrayList<Tuple2<String, Seq<String>>>();
    for (var place : places) {
      for (int i = 0; i < place.tasks(); i++) { // else the others might be free for it before it is
        tasks.add(new Tuple2<>(place.executor(), seq(List.of(place.location()))));
      }
    }
    ClassTag<String> tag = ClassTag$.MODULE$.apply(String.class);
    return new JavaRDD<>(spark.sc().makeRDD(seq(tasks), tag), tag)
        .map(task -> answer(question, hadoop.value()))
        .collect();
  }

  private static ProcessFacts answer(Question question, SerializableConfiguration hadoop)
      throws InterruptedException {
    var facts = ProcessFacts.here(question, hadoop.value());
    TimeUnit.MILLISECONDS.sleep(BUSY_MILLIS);
    return facts;
  }

  /** Tasks that the driver's process runs at once: none where there are executors. */
  private static int tasks(JavaSparkContext spark) {
    return spark.isLocal() ? Compute.tasksAtOnce(spark) : 0;
  }

  private static List<Place> places(JavaSparkContext spark) {
    return JavaConverters.seqAsJavaList(spark.sc().statusStore().executorList(true)).stream()
        .filter(executor -> !executor.id().equals(ProcessFacts.DRIVER))
        .map(executor -> new Place(executor.id(), host(executor), Math.max(1, executor.maxTasks())))
        .toList();
  }

  private static String host(ExecutorSummary executor) {
    return executor.hostPort().replaceFirst(":\\d+$", "");
  }

  private static RuntimeException cannotRun(RuntimeException e) {
    if (InvalidInputException.causeOf(e).isPresent()
        || !(causeOf(e) instanceof LinkageError || causeOf(e) instanceof ClassNotFoundException)) {
      return e;
    }
    return new InvalidInputException(
        "executors cannot run the application (%s): expected the driver's jar, and its version of Spark"
            .formatted(causeOf(e)),
        e);
  }

  private static Throwable causeOf(Throwable e) {
    return e.getCause() == null ? e : causeOf(e.getCause());
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }
}
