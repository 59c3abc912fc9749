package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.image.Normalization;
import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onnx.OnnxDevice;
import dev.expanse.core.onnx.OnnxMetadata;
import dev.expanse.core.onnx.OnnxModel;
import dev.expanse.core.onnx.OnnxModel.Norms;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.export.ExportCheck;
import dev.expanse.jobs.results.Circumstances;
import dev.expanse.jobs.training.SavedModel;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A network as an ONNX file.
 *
 * <pre>{@code ./submit-scripts/local.sh export --model models/ecnn --output ecnn.onnx}</pre>
 */
@Command(
    name = "export",
    description = {
      "Writes a network, with its preprocessing in the metadata, as an ONNX file, and compares what",
      "ONNX Runtime computes from that file with what Expanse computes."
    })
final class ExportJob extends SparkJob {
  private static final long SEED = 1;

  /** Where the weights are from. */
  private static final class Subject {
    @Option(
        names = "--model",
        required = true,
        paramLabel = "DIR",
        description = "A model that train saved.")
    private String model;

    @Option(
        names = "--network",
        required = true,
        paramLabel = "NAME|FILE",
        description = "A network with fresh weights: one that has a name, or a .conf file.")
    private String network;
  }

  /** A network and its weights. */
  private record Trained(NetworkSpec spec, Weights weights) {}

  @ArgGroup(multiplicity = "1")
  private Subject subject;

  @Option(
      names = "--resolution",
      paramLabel = "PIXELS",
      description = "With --network: side of the images (default: the network's own).")
  private Integer resolution;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "With --network: how many classes it tells apart (default: its own).")
  private Integer classes;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "The file to write, any Hadoop path; one that is there is replaced.")
  private String output;

  @Option(
      names = "--keep-norms",
      description =
          "Keeps batch norms as operators of their own (default: folded into convolutions).")
  private boolean keepNorms;

  @Override
  int run(SparkSession session) {
    var spark = spark(session);
    var storage = new Storage(spark.hadoopConfiguration());
    var file = Storage.path("--output", output);
    requireFile(storage, file);
    var trained = trained(storage);
    var compute = Compute.choose(spark, null, null);
    var norms = keepNorms ? Norms.KEPT : Norms.FOLDED;
    var model = OnnxModel.of(metadata(trained.spec()), trained.weights(), norms);
    storage.writeDurably(file, model::writeTo);
    System.out.printf(
        Locale.ROOT,
        "%s: %s, %d x %d, %d classes, %d operators, %,d bytes%n",
        output,
        trained.spec().name(),
        trained.spec().resolution(),
        trained.spec().resolution(),
        trained.spec().classes(),
        model.operators(),
        model.size());
    var unavailable = OnnxDevice.CPU.unavailable();
    if (unavailable.isPresent()) {
      System.out.printf("The file is not compared with Expanse: %s%n", unavailable.get());
      return 0;
    }
    return compared(ExportCheck.run(storage, file, trained.spec(), trained.weights(), compute));
  }

  private static int compared(ExportCheck check) {
    System.out.printf(
        Locale.ROOT,
        "ONNX Runtime %s and Expanse (engine %s) on %d random images: the greatest difference of a"
            + " probability is %.1e, %s %.0e of the greatest one, %.1e%n",
        check.version(),
        check.engine(),
        check.images(),
        check.difference(),
        check.agrees() ? "within" : "expected at most",
        ExportCheck.TOLERANCE,
        check.greatest());
    return check.agrees() ? 0 : 1;
  }

  private void requireFile(Storage storage, Path file) {
    if (storage.isFolder(file)) {
      throw InvalidInputException.of("--output = %s: is a folder, expected a file", output);
    }
    storage.requireWritable(file);
  }

  private Trained trained(Storage storage) {
    if (subject.model == null) {
      var spec =
          NetworkOptions.sized(ConfigurationFiles.network(subject.network), resolution, classes);
      requireRoom("--network", subject.network, spec);
      return new Trained(spec, InitialWeights.draw(spec.network(), SEED));
    }
    if (resolution != null || classes != null) {
      throw InvalidInputException.of(
          "%s: a model has its own, expected together with --network only",
          resolution != null ? "--resolution" : "--classes");
    }
    var saved = SavedModel.read(storage, Storage.path("--model", subject.model));
    requireRoom("--model", subject.model, saved.spec());
    return new Trained(saved.spec(), Dl4jModel.weights(saved.spec().network(), saved.graph()));
  }

  private static void requireRoom(String option, String value, NetworkSpec spec) {
    OnnxModel.unsupported(spec.network())
        .ifPresent(
            reason -> {
              throw InvalidInputException.of("%s = %s: its file lacks %s", option, value, reason);
            });
  }

  private static OnnxMetadata metadata(NetworkSpec spec) {
    var input = Normalization.IMAGENET; // what training and evaluation have
    return new OnnxMetadata(spec, input.mean(), input.deviation(), Circumstances.version());
  }
}
