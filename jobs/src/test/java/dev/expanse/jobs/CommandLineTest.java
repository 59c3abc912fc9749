package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.network.Networks;
import dev.expanse.jobs.prepare.DatasetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private static final String SMALL =
      """
      name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
      resolution = 16, classes = 4
      """;

  @TempDir private static Path folder;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session(); // the jobs take it instead of starting one
  }

  @ParameterizedTest(name = "expanse {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        " | no job given: expected one of prepare, train, evaluate, sweep, complexity, latency",
        "swep | unknown job 'swep': expected one of prepare, train",
        "complexity --network ecn | network = ecn: expected one of vgg-[11, 11-bn",
        "complexity --network none.conf | none.conf: no such file",
        "complexity --resolution 0 | --resolution = 0: expected a whole number from 1 to 4096",
        "complexity --classes 1 | --classes = 1: expected a whole number from 2",
        "complexity --network vgg-16 --resolution 16 | vgg-16 with resolution = 16: Cannot add",
        "complexity --format json | expected one of [table, csv]",
        "complexity --netwrok ecnn | Unknown option",
        "complexity --space none | none: no such name under conf/spaces",
        "complexity --space none.conf | none.conf: no such file",
        "complexity --space mobilenet-v2 --network ecnn | --network: expected no such option beside",
        "complexity --space mobilenet-v2 --samples 0 | --samples = 0: expected a whole number from",
        "complexity --samples 5 | --samples: expected no such option beside networks",
        "complexity --space mobilenet-v2 --results a:b | --results = a:b: expected a path",
        "train --output X | Missing required option: '--network=NAME|FILE'",
        "train --network ecnn --output X --dataset /none | dataset = /none: expected a folder",
        "train --network ecnn --output X --recipe slow | slow: no such name under conf/recipes",
        "train --network ecnn --output X --seed x | Invalid value for option '--seed'",
        "train --network ecnn --output /proc/x | cannot be read or written",
        "train --network ecnn --output a:b | --output = a:b: expected a path",
        "train --network ecnn --output X --workers 0 | --workers = 0: expected a whole number from 1",
        "evaluate --model /none | model = /none: expected a folder with a model.zip",
        "sweep none.conf | none.conf: no such file",
        "sweep none | none: no such name under conf/sweeps",
        "prepare --input /none --output X | input = /none: no such folder",
        "prepare --input /none --output X --shard-mib 0 | --shard-mib = 0: expected at least 1",
        "prepare --input /none --output X --shorter-side 0 | --shorter-side = 0: expected a whole",
        "prepare --input /none --output X --jpeg-quality 90 | together with --shorter-side only",
        "prepare --input /none --output X --shorter-side 9 --jpeg-quality 0 | from 1 to 100",
        "prepare --input /none --output X --val-share 1 | --val-share = 1.0: expected a number from",
        "prepare --input /none --output X --max-bad 2 | --max-bad = 2.0: expected a number from 0 to 1",
        "prepare --input / --output X --classes cmcc | --classes = cmcc: no such file, expected one or",
        "prepare --input / --output X --devkit D | --devkit = D: expected with an input that has",
        "prepare --input /etc/passwd --output X | expected a folder, or a file ending in .tar, .tar.gz",
        "latency --network ecnn --engine onednnn | --engine = onednnn: expected one of onednn, onnx",
        "evaluate --model X --engine onednnn | --engine = onednnn: expected one of onednn, stock",
        "train --network ecnn --output X --engine onnxruntime | expected one of onednn, stock",
        "latency --network ecnn --threads 0 | --threads = 0: expected a whole number from 1 to 1024",
        "latency --network ecnn --queries 0 | queries = 0: expected a whole number from 1",
        "export --output X | Error: Missing required argument (specify one of these): (--model",
        "export --network ecnn --model M --output X | --model=DIR, --network=NAME|FILE are mutually",
        "export --network ecn --output X | network = ecn: expected one of vgg-[11, 11-bn",
        "export --model /none --output X | model = /none: expected a folder with a model.zip",
        "export --model /none --classes 4 --output X | --classes: a model has its own, expected",
        "export --network ecnn --output /proc/x | cannot be read or written",
        "export --network ecnn --output / | --output = /: is a folder, expected a file",
        "report | expected the table that a sweep writes, but there is none",
      })
  @DisplayName("A mistake gets one sentence and exit status 2")
  void mistakes(String arguments, String message) {
    var words = arguments == null ? new String[0] : arguments.replace("X", path("x")).split(" ");
    var outcome =
        words.length > 1 || "report".equals(arguments) ? run(withResults(words)) : run(words);

    assertThat(outcome.status()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("expanse: ").contains(message).hasLineCount(1);
    assertThat(outcome.out()).isEmpty();
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  @DisplayName("Malformed HOCON and a row of four values are refused with file and line")
  void malformed() throws IOException {
    var broken = Files.writeString(folder.resolve("broken.conf"), "dataset = sample\nseed = [1\n");
    var outcome = run("sweep", broken.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).contains("broken.conf, line ").contains("not HOCON").hasLineCount(1);

    var four = SMALL.replace("[1, 8, 1, 2, 3]", "[1, 8, 1, 2]");
    var file = Files.writeString(folder.resolve("four.conf"), four);
    outcome = run("complexity", "--network", file.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("four.conf, line 1: table = [1,8,1,2]: expected a row of 5 values")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "prepare",
        "train",
        "evaluate",
        "sweep",
        "complexity",
        "latency",
        "export",
        "report"
      })
  @DisplayName("There is help on every level")
  void help(String job) {
    var outcome = job.isEmpty() ? run("--help") : run(job, "--help");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).startsWith("Usage: expanse").contains("--help");
  }

  @Test
  @DisplayName("complexity prints the published numbers, as CSV with the documented columns")
  void complexity() {
    var csv = run("complexity", "--classes", "100", "--format", "csv").out().lines().toList();

    assertThat(csv.get(0))
        .isEqualTo(
            "network,resolution,classes,macs,params,activations,weight_bytes,peak_activation_bytes");
    assertThat(csv).hasSize(1 + Networks.names().size());
    assertThat(csv.get(1)).startsWith("vgg-11,224,100,");
    assertThat(csv).anyMatch(row -> row.startsWith("xception,299,100,"));
    assertThat(csv)
        .anyMatch(row -> row.startsWith("mobilenet-v2,224,100,299622272,2351972,6678112,"));
    assertThat(csv.get(csv.size() - 1)).startsWith("ecnn,224,100,149759104,");
    assertThat(run("complexity").out()).contains("300,774,272").contains("3,504,872");
    assertThat(run("complexity", "--network", "ecnn", "--operations").out())
        .contains("stage1.1.depthwise.conv")
        .contains("112 x 112 x 16");
  }

  @Test
  @DisplayName("complexity --space says what was counted, how fast, and where the table is")
  void space(@TempDir Path work) throws IOException {
    var space =
        Files.writeString(
                work.resolve("space.conf"),
                SMALL.replace("resolution = 16", "resolution = [8, 16], width = [0.5, 1]"))
            .toString();
    var results = work.resolve("results").toString();

    var grid = run("complexity", "--space", space, "--results", results);
    var three = run("complexity", "--space", space, "--output", results, "--samples", "3");

    assertThat(grid.status()).as(grid.err()).isZero();
    assertThat(grid.out())
        .contains("small: of 4 configurations 4 are valid")
        .containsPattern("4 configurations in [0-9.]+ s: [0-9,]+ a second on each of 2 cores; peak")
        .contains("table: " + results + "/complexity/run=");
    assertThat(three.out()).contains("small: of 3 configurations 3 are valid");
    assertThat(read(work, "complexity").count()).isEqualTo(4 + 3);
    assertThat(read(work, "complexity").select("index").distinct().count()).isEqualTo(4);
  }

  private static Dataset<Row> read(Path work, String table) {
    return LocalSpark.session().read().parquet(work.resolve("results/" + table).toString());
  }

  @Test
  @DisplayName("A label beyond the dataset's classes is refused with the image's name")
  void label(@TempDir Path work) throws IOException {
    dataset(work);
    var json = work.resolve("dataset/dataset.json");
    var formatOne = Files.readString(json).replace("\"format\" : 2", "\"format\" : 1");
    Files.writeString(json, formatOne.replaceAll("\\s*\"blue\",", ""));
    var network = Files.writeString(work.resolve("small.conf"), SMALL.replace("classes = 4", ""));

    var outcome =
        run(
            List.of("--results", work.toString()),
            "train",
            "--network",
            network.toString(),
            "--dataset",
            work.resolve("dataset").toString(),
            "--output",
            work.resolve("m").toString(),
            "--resolution",
            "16");

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("label = 3: expected one of the 3 classes, 0 to 2")
        .hasLineCount(1);
  }

  @Test
  @DisplayName("A network's file that states 5 classes is refused on a dataset with labels of 4")
  void otherClasses(@TempDir Path work) throws IOException {
    var dataset = dataset(work);
    var five = Files.writeString(work.resolve("five.conf"), SMALL.replace("= 4", "= 5")).toString();
    var model = work.resolve("model").toString();

    var outcome = run("train", "--network", five, "--dataset", dataset, "--output", model);

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("five.conf: classes = 5: expected the 4 classes that the dataset has labels of")
        .hasLineCount(1);
  }

  @Test
  @DisplayName(
      "Parquet files of the Hugging Face hub's shape are trained and evaluated on as they are")
  void hubFolder(@TempDir Path work) throws IOException {
    var hub = work.resolve("hub");
    HubFolders.write(ImageFolders.write(work.resolve("images"), 13, 5), hub, 3);
    var network = Files.writeString(work.resolve("small.conf"), SMALL).toString();
    var model = work.resolve("model").toString();
    var results = List.of("--results", work.resolve("results").toString());

    var trained =
        run(
            results,
            "train",
            "--network",
            network,
            "--dataset",
            hub.toString(),
            "--workers",
            "2",
            "--output",
            model);
    var evaluated = run(results, "evaluate", "--model", model, "--dataset", hub.toString());

    assertThat(trained.status()).as(trained.err()).isZero();
    assertThat(trained.out()).contains("on 2 workers, 208 images"); // 4 epochs of 4 x 13
    assertThat(evaluated.out()).contains("small on val, 20 images: top-1 ");
  }

  @Test
  @DisplayName("A broken dataset ends a sweep with one sentence and leaves no row")
  void brokenDataset(@TempDir Path work) throws IOException {
    var dataset = dataset(work);
    var results = work.resolve("results");
    var sweep =
        Files.writeString(
                work.resolve("sweep.conf"),
                "dataset = \"%s\", recipe = quick, recipe-changes { batch = 8, epochs = 1 }%n"
                        .formatted(dataset)
                    + "workers = 2, resolution = 16, configurations = [{ base = ecnn }]")
            .toString();
    var json = Path.of(dataset, "dataset.json");
    var text = Files.readString(json);
    var arguments = new String[] {"sweep", sweep, "--results", results.toString()};

    Files.writeString(json, text.replace("\"images\" : 64", "\"images\" : 65"));
    refused(run(arguments), "its shards have 64 images in train, expected the 65");
    Files.writeString(json, text.replace("\"images\" : 16", "\"images\" : 17"));
    refused(run(arguments), "its shards have 16 images in val, expected the 17");
    Files.writeString(json, text.replace("train-00000-of-00001", "train-00000-of-00002"));
    refused(run(arguments), "train-00000-of-00002.parquet: no such file");
    Files.writeString(json, text.replace("\"val\"", "\"test\""));
    refused(run(arguments), "split = val: expected one of [train, test]");
    Files.writeString(json, text);
    Files.delete(Path.of(dataset, "train", ".train-00000-of-00001.parquet.crc"));
    Files.writeString(Path.of(dataset, "train", "train-00000-of-00001.parquet"), "no Parquet");
    refused(run(arguments), "expected Parquet with the columns image");

    assertThat(results.resolve("sweep")).doesNotExist();
  }

  private static void refused(CommandRun outcome, String message) {
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("expanse: ").contains(message).hasLineCount(1);
  }

  private static String dataset(Path work) {
    var images = ImageFolders.write(work.resolve("images"), 16, 4);
    var hadoop = new org.apache.hadoop.fs.Path(work.resolve("dataset").toUri());
    new DatasetWriter(LocalSpark.session(), 1 << 20, 1)
        .write(new org.apache.hadoop.fs.Path(images.toUri()), hadoop, "a test");
    return work.resolve("dataset").toString();
  }

  private static String[] withResults(String[] words) {
    if (words[0].equals("complexity")) {
      return words;
    }
    var all = new java.util.ArrayList<>(List.of(words));
    all.add("--results");
    all.add(path("results"));
    return all.toArray(String[]::new);
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static CommandRun run(List<String> options, String... words) {
    var all = new java.util.ArrayList<>(List.of(words));
    all.addAll(options);
    return run(all.toArray(String[]::new));
  }

  private static CommandRun run(String... words) {
    return CommandRun.of(words);
  }
}
