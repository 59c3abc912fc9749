package dev.expanse.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.expanse.bench.AveragingCosts.Copying;
import dev.expanse.jobs.averaging.GraphState;
import dev.expanse.jobs.averaging.SliceWork;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.io.CompressionCodec;
import org.apache.spark.io.CompressionCodec$;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * What single operations of a round cost the driver, in CPU time, which others on the machine
 * lengthen less than the clock's: an operation's thread counts, and for tasks the whole process.
 */
final class CostMeasurement {
  private static final int CALLS = 15;
  private static final int SHARES = 8;
  private static final int TASKS = 400;
  private static final LongSupplier THREAD =
      ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;
  private static final LongSupplier PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getProcessCpuTime;

  private final JavaSparkContext spark;
  private final float[] values;
  private final CompressionCodec codec;

  /**
   * Those of a graph's values, and on a cluster.
   *
   * @param graph that is trained
   */
  CostMeasurement(JavaSparkContext spark, ComputationGraph graph) {
    this.spark = spark;
    this.codec = CompressionCodec$.MODULE$.createCodec(spark.getConf());
    var parameters = GraphState.parameters(graph);
    int updater = GraphState.updater(graph).length;
    values = Arrays.copyOf(parameters, parameters.length + updater);
    // as momenta are after a step: zeros would be compressed
    System.arraycopy(
        parameters, 0, values, parameters.length, Math.min(updater, parameters.length));
  }

  AveragingCosts run() {
    var bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    return new AveragingCosts(
        values.length,
        copying(values),
        copying(bytes.array()),
        copying(Nd4j.createFromArray(values)),
        median(THREAD, () -> SliceWork.average(values, SHARES))
            / ((double) SHARES * bytes.capacity()),
        median(PROCESS, this::emptyTasks) / TASKS);
  }

  private void emptyTasks() {
    spark.parallelize(Collections.nCopies(TASKS, 0), TASKS).foreachPartition(nothing -> {});
  }

  private Copying copying(Object value) {
    var serializer = SparkEnv.get().serializer().newInstance();
    ClassTag<Object> tag = ClassTag$.MODULE$.Object();
    double size = (double) Float.BYTES * values.length;
    var written = new ByteArrayOutputStream[1];
    double write =
        median(
            THREAD,
            () -> {
              written[0] = new ByteArrayOutputStream((int) size + 1024);
              var out = serializer.serializeStream(codec.compressedOutputStream(written[0]));
              out.writeObject(value, tag);
              out.close();
            });
    var bytes = written[0].toByteArray();
    double read =
        median(
            THREAD,
            () ->
                serializer
                    .deserializeStream(codec.compressedInputStream(new ByteArrayInputStream(bytes)))
                    .readObject(tag));
    return new Copying(write / size, read / size);
  }

  /** Of the later calls: the first ones are those in which the JVM compiles. */
  private static double median(LongSupplier clock, Runnable call) {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      long began = clock.getAsLong();
      call.run();
      seconds.add((clock.getAsLong() - began) / 1e9);
    }
    return Percentiles.of(seconds.subList(CALLS / 3, CALLS)).median();
  }
}
