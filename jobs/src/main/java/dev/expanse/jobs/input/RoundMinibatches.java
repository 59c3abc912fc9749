package dev.expanse.jobs.input;

import dev.expanse.jobs.input.TrainingInput.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.nd4j.linalg.dataset.api.MultiDataSet;
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

  /** Steps of an epoch, from one to before another. */
  public static RoundMinibatches of(
      JavaSparkContext spark,
      Broadcast<TrainingInput> input,
      Broadcast<SerializableConfiguration> hadoop,
      int epoch,
      int firstStep,
      int endStep) {
    var plan = input.value().plan();
    List<List<Step>> steps = new ArrayList<>();
    for (int w = 0; w < plan.workers(); w++) {
      int worker = w;
      steps.add(
          IntStream.range(firstStep, endStep)
              .filter(step -> plan.before(worker, step) < plan.images(worker))
              .mapToObj(step -> new Step(worker, epoch, step))
              .toList());
    }
    return new RoundMinibatches(
        spark
            .parallelize(steps, plan.workers())
            .flatMap(List::iterator)
            .map(step -> WorkerInput.minibatch(input.value(), step, hadoop.value().value())),
        steps.stream().mapToLong(List::size).sum());
  }

  @Override
  public long count() {
    return count;
  }
}
