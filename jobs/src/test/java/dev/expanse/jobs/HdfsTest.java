package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.checkpoint.Checkpoint;
import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HdfsTest {
  private static final short REPLICAS = 2;

  @TempDir private Path folder;
  private MiniDFSCluster cluster;
  private String hdfs;

  @BeforeEach
  void startCluster() throws IOException {
    LocalSpark.session(); // the jobs take it instead of starting one
    var configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    configuration.setInt("dfs.replication", REPLICAS);
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(REPLICAS).build();
    cluster.waitActive();
    hdfs = cluster.getFileSystem().getUri().toString();
  }

  @AfterEach
  void stopCluster() {
    cluster.shutdown(true);
  }

  @Test
  @DisplayName(
      "Images are prepared, trained on, evaluated and kept in checkpoints on HDFS, though a data node stops")
  void losesDataNode() throws IOException {
    var images = ImageFolders.write(folder.resolve("images"), 13, 5);
    cluster.getFileSystem().copyFromLocalFile(hadoop(images.toString()), hadoop(hdfs + "/images"));
    var network = folder.resolve("small.conf");
    Files.writeString(
        network,
        """
        name = small, family = inverted-residual, table = [[1, 8, 1, 1, 3]], stem = 8, head = 16
        resolution = 16, classes = 4
        """);
    var recipe = folder.resolve("short.conf");
    Files.writeString(
        recipe, "batch = 8, epochs = 2, learning-rate = 0.05, averaging { frequency = 2 }");

    run("prepare", "--input", hdfs + "/images", "--output", hdfs + "/dataset");
    var shard = hadoop(hdfs + "/dataset/train/train-00000-of-00001.parquet");
    assertThat(cluster.getFileSystem().getFileStatus(shard).getReplication()).isEqualTo(REPLICAS);
    cluster.stopDataNode(0);
    run(
        "train",
        "--dataset",
        hdfs + "/dataset",
        "--network",
        network.toString(),
        "--recipe",
        recipe.toString(),
        "--workers",
        "2",
        "--output",
        hdfs + "/model");
    var printed = run("evaluate", "--model", hdfs + "/model", "--dataset", hdfs + "/dataset");

    assertThat(printed).contains("small on val, 20 images: top-1 ");
    assertThat(cluster.getDataNodes()).hasSize(1);
    assertThat(cluster.getFileSystem().exists(hadoop(hdfs + "/model/model.zip"))).isTrue();
    var dataset = Dataset.open(LocalSpark.session(), hdfs + "/dataset", hadoop(hdfs + "/results"));
    assertThat(dataset.images(Dataset.TRAIN).count()).isEqualTo(52);
    keepsCheckpoints();
  }

  @Test
  @DisplayName(
      "Whether a user can write to a folder is told by the folder, not by the one above it")
  void writable() throws Exception {
    var files = cluster.getFileSystem();
    files.mkdirs(hadoop("/results"));
    files.setOwner(hadoop("/results"), "somebody", "somebody");
    files.mkdirs(hadoop("/shared/others"));
    files.setPermission(hadoop("/shared"), new FsPermission("777"));

    UserGroupInformation.createRemoteUser("somebody")
        .doAs(
            (PrivilegedExceptionAction<Void>)
                () -> {
                  var storage = new Storage(cluster.getConfiguration(0));
                  storage.requireWritable(hadoop(hdfs + "/results"));
                  storage.requireWritable(hadoop(hdfs + "/shared/mine"));
                  assertThatThrownBy(() -> storage.requireWritable(hadoop(hdfs + "/shared/others")))
                      .isInstanceOf(InvalidInputException.class)
                      .hasMessageContaining("Permission denied");
                  return null;
                });
    assertThat(files.listStatus(hadoop("/results"))).isEmpty();
  }

  private void keepsCheckpoints() {
    var storage = new Storage(cluster.getConfiguration(0));
    var folder = new CheckpointFolder(storage, hadoop(hdfs + "/checkpoints")).keep(1);
    var parameters = new float[600_000]; // more than a chunk
    for (int round = 1; round <= 3; round++) {
      parameters[599_999] = round;
      folder.write(
          new Checkpoint("", round, Map.of("parameters", parameters)),
          OptionalDouble.of(round == 1 ? 0.5 : 0.1));
    }
    assertThat(folder.latest().orElseThrow().arrays().get("parameters")[599_999]).isEqualTo(3);
    assertThat(folder.best().orElseThrow().round()).isEqualTo(1);
  }

  private static org.apache.hadoop.fs.Path hadoop(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  /** What a job prints; its results are on HDFS as well. */
  private String run(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--results", hdfs + "/results"));
    var out = new ByteArrayOutputStream();
    var before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      assertThat(Expanse.commandLine().execute(all.toArray(String[]::new))).isZero();
      return out.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(before);
    }
  }
}
