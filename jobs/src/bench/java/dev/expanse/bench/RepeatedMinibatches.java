package dev.expanse.bench;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** A round's minibatches: in each worker's partition the same one, as often as it takes a step. */
final class RepeatedMinibatches extends JavaRDD<MultiDataSet> {
  private static final long serialVersionUID = 1L;

  private final long count;

  private RepeatedMinibatches(JavaRDD<MultiDataSet> minibatches, long count) {
    super(minibatches.rdd(), ClassTag$.MODULE$.apply(MultiDataSet.class));
    this.count = count;
  }

  /**
   * Those of {@value AveragingWorkload#WORKERS} workers.
   *
   * @param locations where each would best run; empty if that is all the same
   */
  static RepeatedMinibatches of(
      JavaSparkContext spark, MadeUpImages images, int steps, List<String> locations) {
    var workers =
        IntStream.range(0, AveragingWorkload.WORKERS)
            .mapToObj(
                w ->
                    new Tuple2<>(
                        w, seq(locations.isEmpty() ? List.of() : List.of(locations.get(w)))))
            .toList();
    ClassTag<Integer> tag = ClassTag$.MODULE$.apply(Integer.class);
    return new RepeatedMinibatches(
        new JavaRDD<>(spark.sc().makeRDD(seq(workers), tag), tag)
            .flatMap(w -> repeated(images, steps).iterator()),
        (long) AveragingWorkload.WORKERS * steps);
  }

  private static List<MultiDataSet> repeated(MadeUpImages images, int steps) {
    return Collections.nCopies(steps, images.minibatch());
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }

  /** Known: Deeplearning4j counts, which would be a job of its own. */
  @Override
  public long count() {
    return count;
  }
}
