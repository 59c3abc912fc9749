package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the scripts for clusters do before there is a cluster. */
class ScriptsTest {
  @TempDir private Path work;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          standalone.sh | start now      |                             | start: expected nothing after it, and not "now".
          standalone.sh | sweep smallest |                             | no cluster runs on this machine: expected one that standalone.sh start has begun, or MASTER=spark://...
          standalone.sh | sweep smallest | MASTER=yarn                 | MASTER = yarn: expected the address of a master, such as spark://host:7077.
          standalone.sh | sweep smallest | EXPANSE_EXECUTORS=two       | EXPANSE_EXECUTORS = two: expected a number, at least 1.
          standalone.sh | sweep smallest | EXPANSE_CONF=none.conf      | EXPANSE_CONF = none.conf: expected a file of Spark properties.
          yarn.sh       | sweep smallest |                             | HADOOP_CONF_DIR = : expected the folder of the cluster's yarn-site.xml.
          yarn.sh       | sweep smallest | HADOOP_CONF_DIR=none        | HADOOP_CONF_DIR = none: expected the folder of the cluster's yarn-site.xml.
          yarn.sh       | sweep smallest | EXPANSE_DEPLOY_MODE=pod     | EXPANSE_DEPLOY_MODE = pod: expected client or cluster.
          kubernetes.sh | sweep smallest |                             | EXPANSE_IMAGE: expected the name of a container image, such as kubernetes.sh image makes.
          kubernetes.sh | image          |                             | image: expected the name of an image and nothing else.
          """)
  @DisplayName("What is missing or mistyped is answered by one sentence and status 2")
  void invalid(String script, String arguments, String variable, String sentence) throws Exception {
    var environment = new HashMap<>(Map.of("EXPANSE_CLUSTER", work.resolve("none").toString()));
    if (variable != null) {
      environment.put(variable.split("=")[0], variable.split("=")[1]);
    }

    var run = ScriptRun.of(work, environment, script, arguments.split(" "));

    assertThat(run).isEqualTo(new ScriptRun(2, "", "%s: %s\n".formatted(script, sentence)));
  }

  @Test
  @DisplayName("A secret that others can read is refused")
  void readableSecret() throws Exception {
    var secret = Files.writeString(work.resolve("secret"), "open");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
    var environment =
        Map.of(
            "EXPANSE_CLUSTER", work.resolve("none").toString(),
            "MASTER", "spark://127.0.0.1:1",
            "EXPANSE_SECRET", secret.toString());

    var run = ScriptRun.of(work, environment, "standalone.sh", "sweep", "smallest");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("expected a file that its owner alone can read");
  }

  @Test
  @DisplayName("A process that has got the number of a worker of before is not stopped")
  void foreignProcess() throws Exception {
    var cluster = Files.createDirectories(work.resolve("cluster"));
    var other = new ProcessBuilder("sleep", "60").start();
    try {
      Files.writeString(cluster.resolve("worker-1.pid"), other.pid() + "\n");
      var environment = Map.of("EXPANSE_CLUSTER", cluster.toString());

      assertThat(ScriptRun.of(work, environment, "standalone.sh", "status").status()).isEqualTo(3);
      assertThat(ScriptRun.of(work, environment, "standalone.sh", "stop").status()).isZero();

      assertThat(other.isAlive()).isTrue();
      assertThat(cluster.resolve("worker-1.pid")).doesNotExist();
    } finally {
      other.destroyForcibly();
    }
  }
}
