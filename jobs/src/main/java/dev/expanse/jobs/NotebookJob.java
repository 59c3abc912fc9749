package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.notebook.Notebook;
import dev.expanse.jobs.notebook.NotebookRun;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs a notebook without a browser.
 *
 * <pre>{@code ./submit-scripts/local.sh notebook notebooks/results.ipynb}</pre>
 */
@Command(
    name = "notebook",
    description = {
      "Runs the Java cells of a Jupyter notebook and keeps what they put out in it.",
      "Cells have all classes of Expanse and Spark, and the text 'results', the results folder."
    })
final class NotebookJob extends SparkJob {
  @Parameters(paramLabel = "FILE", description = "The notebook, a file ending in .ipynb.")
  private String notebook;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the notebook that was run is written (default: where it was).")
  private String output;

  @Override
  int run(SparkSession session) {
    if (ModuleLayer.boot().findModule("jdk.jshell").isEmpty()) {
      throw InvalidInputException.of(
          "%s: notebooks are run by a JDK, expected one as JAVA_HOME", notebook);
    }
    var storage = new Storage(spark(session).hadoopConfiguration());
    var read = Notebook.parse(storage.read(Storage.path("FILE", notebook)), notebook);
    try (var run = new NotebookRun()) {
      run.define("results", results().toString());
      run.run(read, notebook);
    }
    var file = output == null ? new Path(notebook) : Storage.path("--output", output);
    var text = read.text().getBytes(StandardCharsets.UTF_8);
    storage.writeDurably(file, out -> out.write(text)); // no checksum file beside a notebook
    System.out.printf("%s: %d cells of code%n", file, read.code().size());
    return 0;
  }
}
