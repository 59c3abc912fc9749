package dev.expanse.jobs.input;

import dev.expanse.jobs.input.TrainingInput.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * The minibatches of a round, each worker's in a partition of its own. They are made where and when
 * a worker takes its steps. Deeplearning4j counts them before that, which would make each one
 * twice: their number is known.
 */
public final class RoundMinibatches extends JavaRDD<MultiDataSet> {
  private static final long serialVersionUID = 1L;

  private final long count;

  private RoundMinibatches(JavaRDD<MultiDataSet> minibatches, long count) {
    super(minibatches.rdd(), ClassTag$.MODULE$.apply(MultiDataSet.class));
    this.count = count;
  }

  /**
   * Steps of an epoch, from one to before another.
   *
   * @param locations where each worker would best run, as Spark's scheduler names executors, if
   *     anywhere: where it ran before and its next minibatches wait; empty if none has run yet
   */
  public static RoundMinibatches of(
      JavaSparkContext spark,
      Broadcast<TrainingInput> input,
      Broadcast<SerializableConfiguration> hadoop,
      int epoch,
      int firstStep,
      int endStep,
      List<Optional<String>> locations) {
    var plan = input.value().plan();
    var workers = new ArrayList<Tuple2<List<Step>, Seq<String>>>();
    long count = 0;
    for (int w = 0; w < plan.workers(); w++) {
      int worker = w;
      var steps =
          IntStream.range(firstStep, endStep)
              .filter(step -> plan.before(worker, step) < plan.images(worker))
              .mapToObj(step -> new Step(worker, epoch, step))
              .toList();
      count += steps.size();
      var location = locations.isEmpty() ? Optional.<String>empty() : locations.get(w);
      workers.add(new Tuple2<>(steps, seq(location.stream().toList())));
    }
    ClassTag<List<Step>> tag = ClassTag$.MODULE$.apply(List.class);
    return new RoundMinibatches(
        new JavaRDD<>(spark.sc().makeRDD(seq(workers), tag), tag)
            .flatMap(List::iterator)
            .mapPartitions(
                steps -> WorkerInput.minibatches(input.value(), steps, hadoop.value().value())),
        count);
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }

  @Override
  public long count() {
    return count;
  }
}
