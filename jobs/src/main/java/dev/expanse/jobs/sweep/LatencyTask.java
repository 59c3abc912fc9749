package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Classifier;
import dev.expanse.core.latency.Calibration;
import dev.expanse.core.latency.LatencyProtocol;
import dev.expanse.core.latency.MachineLoad;
import dev.expanse.core.latency.Processor;
import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.jobs.compute.Inference;
import dev.expanse.jobs.compute.MemoryShortageException;
import dev.expanse.jobs.preflight.Work;
import dev.expanse.jobs.progress.JobDescription;
import dev.expanse.jobs.progress.Progress;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures the latency of a network in one Spark task, while the application runs no other. Its
 * weights are fresh: an engine computes the same whatever they are, as long as feature maps do not
 * shrink to denormal numbers, and He's initialization keeps their scale. Before, between and after
 * its queries the {@link Calibration} network is measured.
 *
 * @param engine whose code answers, one of {@link #engines}
 * @param batch images a query
 * @param threads threads of a query
 * @param protocol how the queries are timed
 */
public record LatencyTask(String engine, int batch, int threads, LatencyProtocol protocol)
    implements Serializable {
  private static final long SEED = 1;

  /** Milliseconds of {@link Calibration}, by engine and threads, of this JVM's machine. */
  private static final Map<String, Double> FASTEST = new ConcurrentHashMap<>();

  /**
   * What was measured.
   *
   * @param queries the network's
   * @param calibrationBeforeMs median latency of the calibration network before, in milliseconds
   * @param calibrationAfterMs the same after
   * @param calibrationFastestMs the fastest that this JVM has seen
   * @param load what the machine did during the queries
   * @param cpu the processor's name
   * @param gpu the GPU's name if it answered the queries, or null
   * @param host where the task ran
   */
  public record Measured(
      LatencyProtocol.Measured queries,
      double calibrationBeforeMs,
      double calibrationAfterMs,
      double calibrationFastestMs,
      MachineLoad load,
      String cpu,
      String gpu,
      String host)
      implements Serializable {

    /** The name of what answered the queries. */
    public String processor() {
      return gpu == null ? cpu : gpu;
    }
  }

  /**
   * Reads {@code batch}, {@code threads} and the keys of a {@link LatencyProtocol}.
   *
   * @throws InvalidInputException if a value is out of range
   */
  public static LatencyTask read(String engine, Settings settings) {
    return new LatencyTask(
        engine,
        settings.integer("batch", 1, 65_536, 1),
        settings.integer("threads", 1, 1024, 1),
        LatencyProtocol.read(settings));
  }

  /** The names of what can answer queries. */
  public static Set<String> engines() {
    return Inference.engines();
  }

  /** What it is, for the preflight. */
  public Work work(NetworkSpec spec) {
    return new Work.Inference(spec, Inference.named(engine), threads, batch, 1);
  }

  /**
   * Measures a network's queries: a batch of images in, probabilities out.
   *
   * @throws InvalidInputException if the engine cannot be used
   */
  public Measured run(JavaSparkContext spark, NetworkSpec spec) {
    var hocon = spec.toHocon();
    return JobDescription.during(
        spark,
        spec.name() + ", latency of batch " + batch + " on " + engine,
        () ->
            spark
                .parallelize(List.of(hocon), 1)
                .map(one -> MemoryShortageException.during(() -> measure(one)))
                .first());
  }

  private Measured measure(String hocon) {
    var spec = NetworkSpec.read(Settings.parse(hocon, "network"));
    var progress = new Progress();
    try (var small = new Asked(Calibration.NETWORK, 1);
        var asked = new Asked(spec, batch)) {
      var place = engine + ", " + threads;
      var calibration =
          new Calibration(small, FASTEST.getOrDefault(place, Double.POSITIVE_INFINITY));
      var watch = new MachineLoad.Watch();
      var queries =
          protocol.measure(
              asked,
              calibration::slowdown,
              share ->
                  progress.at(
                      share, () -> "%s, latency: %.0f%%".formatted(spec.name(), 100 * share)));
      FASTEST.merge(place, calibration.fastestMs(), Math::min);
      return new Measured(
          queries,
          calibration.firstMs(),
          calibration.latestMs(),
          calibration.fastestMs(),
          watch.end(),
          Processor.name(),
          Inference.engine(engine).usesGpu() ? Processor.gpu() : null,
          SparkEnv.get().blockManager().blockManagerId().host());
    }
  }

  /** A network that answers the same query again and again. */
  private final class Asked implements Runnable, AutoCloseable {
    private final Classifier classifier;
    private final INDArray images;
    private final Supplier<INDArray> query;

    private Asked(NetworkSpec spec, int batch) {
      var shape = spec.network().input().shape();
      images = Nd4j.rand(DataType.FLOAT, batch, shape.height(), shape.width(), shape.channels());
      classifier = classifier(spec, batch);
      query = classifier.query(images);
    }

    @Override
    public void run() {
      query.get().getFloat(0);
    }

    @Override
    public void close() {
      try (classifier;
          images) {
        // both are closed, whatever the other does
      }
    }
  }

  /** The one place where an engine's name becomes what answers. */
  private Classifier classifier(NetworkSpec spec, int images) {
    var named = Inference.engine(engine);
    named.useThreads(threads);
    var network = spec.network();
    var weights = InitialWeights.draw(network, SEED);
    return named.classifier(network, weights, images, threads, Choice.FASTEST);
  }

  /** The settings as one text, part of a row's key. */
  String toHocon() {
    return String.format(
        Locale.ROOT,
        "engine = %s, batch = %d, threads = %d, %s",
        engine,
        batch,
        threads,
        protocol.toHocon());
  }
}
