package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.spark.network.util.JavaUtils;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code conf/spark-<cluster>.conf}. */
class ClusterSettingsTest {
  private static final long JVM_MIB = 1024;

  @ParameterizedTest
  @ValueSource(strings = {"standalone", "yarn", "kubernetes"})
  @DisplayName("Heap, tensors and the JVM's own are what a process may take, and fit its container")
  void memory(String cluster) throws IOException {
    var settings = settings(cluster);
    for (var process : new String[] {"executor", "driver"}) {
      long heap = mib(settings.getProperty("spark." + process + ".memory"));
      long tensors = mib(limit(settings, process, "maxbytes"));
      long all = mib(limit(settings, process, "maxphysicalbytes"));

      assertThat(heap + tensors + JVM_MIB).as(process).isEqualTo(all);
      var overhead = settings.getProperty("spark." + process + ".memoryOverhead");
      if (overhead != null) {
        assertThat(all).as(process).isLessThanOrEqualTo(heap + mib(overhead));
      }
    }
    assertThat(limit(settings, "driver", "maxphysicalbytes"))
        .as("what the driver refuses for executors")
        .isEqualTo(limit(settings, "executor", "maxphysicalbytes"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"standalone", "yarn", "kubernetes"})
  @DisplayName("No executor comes late, is taken away, or computes what another one does")
  void executors(String cluster) throws IOException {
    assertThat(settings(cluster))
        .containsEntry("spark.scheduler.minRegisteredResourcesRatio", "1.0")
        .containsEntry("spark.dynamicAllocation.enabled", "false")
        .containsEntry("spark.speculation", "false")
        .containsEntry("spark.eventLog.enabled", "true")
        .satisfies(
            settings ->
                assertThat(settings.get("spark.task.cpus"))
                    .isEqualTo(settings.get("spark.executor.cores")));
  }

  private static Properties settings(String cluster) throws IOException {
    var settings = new Properties();
    try (var in = Files.newBufferedReader(Path.of("..", "conf", "spark-" + cluster + ".conf"))) {
      settings.load(in);
    }
    return settings;
  }

  private static String limit(Properties settings, String process, String name) {
    var options = settings.getProperty("spark." + process + ".extraJavaOptions");
    var found =
        Pattern.compile("-Dorg\\.bytedeco\\.javacpp\\." + name + "=(\\S+)").matcher(options);
    assertThat(found.find()).as(options).isTrue();
    return found.group(1);
  }

  private static long mib(String size) {
    return JavaUtils.byteStringAsMb(size);
  }
}
