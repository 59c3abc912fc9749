package dev.expanse.jobs.export;

import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.core.onnx.OnnxDevice;
import dev.expanse.core.onnx.OnnxRuntimeSession;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.Path;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What ONNX Runtime computes from a file, compared with what Expanse computes.
 *
 * @param version of ONNX Runtime
 * @param engine that Expanse computed with
 * @param images how many were computed
 * @param difference the greatest difference of a probability
 * @param greatest the greatest probability
 */
public record ExportCheck(
    String version, String engine, int images, double difference, double greatest) {
  /** So much may two ways to compute a probability differ, as a share of the greatest one. */
  public static final double TOLERANCE = 1e-4;

  private static final int IMAGES = 4;
  private static final long SEED = 1;

  /**
   * Compares the probabilities of some images drawn from the normal distribution.
   *
   * @param file an ONNX file of that network with these weights
   * @throws IllegalStateException if ONNX Runtime cannot run the file
   */
  public static ExportCheck run(
      Storage storage, Path file, NetworkSpec spec, Weights weights, Compute compute) {
    Nd4j.getRandom().setSeed(SEED);
    int side = spec.resolution();
    try (var images = Nd4j.randn(DataType.FLOAT, IMAGES, side, side, 3);
        var classifier =
            compute
                .engine()
                .classifier(
                    spec.network(), weights, IMAGES, compute.threads(), Choice.REPEATABLE)) {
      var expected = classifier.probabilities(images);
      var found = probabilities(storage, file, images, compute.threads());
      double difference = found.reshape(expected.shape()).sub(expected).amaxNumber().doubleValue();
      return new ExportCheck(
          OnnxRuntimeSession.version(),
          compute.engine().id(),
          IMAGES,
          difference,
          expected.maxNumber().doubleValue());
    }
  }

  private static INDArray probabilities(Storage storage, Path file, INDArray images, int threads) {
    try {
      var local = Files.createTempFile("expanse", ".onnx"); // ONNX Runtime reads local files only
      try (var in = storage.rawFileSystem(file).open(file)) {
        Files.copy(in, local, StandardCopyOption.REPLACE_EXISTING);
        try (var session = OnnxRuntimeSession.open(local, threads, OnnxDevice.CPU)) {
          var batch = session.batch(IMAGES);
          batch.images().put(images.permute(0, 3, 1, 2).dup('c').data().asFloat());
          var probabilities = batch.run();
          var values = new float[probabilities.remaining()];
          probabilities.get(values);
          return Nd4j.createFromArray(values);
        }
      } finally {
        Files.delete(local);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the two are the same but for rounding; not if a probability is no number. */
  public boolean agrees() {
    return difference <= TOLERANCE * greatest;
  }
}
