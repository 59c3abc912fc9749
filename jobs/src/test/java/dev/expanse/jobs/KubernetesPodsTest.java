package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkSubmit;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.apache.spark.deploy.k8s.KubernetesConf;
import org.apache.spark.deploy.k8s.SparkPod;
import org.apache.spark.deploy.k8s.submit.ClientArguments;
import org.apache.spark.deploy.k8s.submit.KubernetesDriverBuilder;
import org.apache.spark.internal.config.package$;
import org.apache.spark.resource.ResourceProfile$;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;
import scala.collection.JavaConverters;

/**
 * {@code kubernetes.sh} as far as it goes without a cluster: what it gives to spark-submit, and the
 * pods that Spark makes of it. In place of spark-submit, kubectl and Java are scripts that keep
 * their arguments.
 */
class KubernetesPodsTest {
  private static final String IMAGE = "registry.example/expanse:1";
  private static final String KUBECTL =
      """
      #!/usr/bin/env bash
      case $* in
      *" get pod "*) [[ ! -f %1$s/ended ]] || echo 7 ;;
      *" logs "*) echo "the driver's words" && touch %1$s/ended ;;
      *" view "*) echo https://127.0.0.1:6443 ;;
      esac
      """;
  private static final String KEEP =
      """
      #!/usr/bin/env bash
      printf '%%s\\n' "$@" >%s/%s
      """;

  @TempDir private Path work;

  @BeforeEach
  void writePrograms() throws IOException {
    Files.createDirectories(work.resolve("spark/jars"));
    Files.createFile(work.resolve("spark/jars/spark-core_2.12-3.5.9.jar"));
    program("spark/bin/spark-submit", KEEP.formatted(work, "submitted"));
    program("java/bin/java", KEEP.formatted(work, "executed"));
    program("bin/kubectl", KUBECTL.formatted(work));
  }

  @Test
  @DisplayName("A job's output and exit status are those of the driver's pod")
  void follows() throws Exception {
    var run = submit("sweep", "smallest");

    assertThat(run.status()).isEqualTo(7);
    assertThat(run.out()).isEqualTo("the driver's words\n");
    assertThat(run.err()).containsPattern("The driver is the pod expanse-sweep-[0-9-]+ of the");
  }

  @Test
  @DisplayName(
      "Pods run the image as a user that is not root, within the memory that JavaCPP knows")
  void pods() throws Exception {
    submit("sweep", "smallest", "--results", "file:///expanse/other results");
    try (var client = client()) {
      var driver = driver(client);
      var executor = executor(client);

      assertThat(driver.container().getArgs())
          .startsWith("driver")
          .endsWith(
              "local:///opt/expanse/expanse.jar",
              "sweep",
              "smallest",
              "--results",
              "file:///expanse/other results");
      assertThat(submitted()._3().get("spark.kubernetes.namespace")).isEqualTo("expanse");
      assertThat(driver.pod().getSpec().getServiceAccountName()).isEqualTo("expanse");
      for (var pod : List.of(driver, executor)) {
        requireConfined(pod);
        var limits = pod.container().getResources().getLimits();
        assertThat(limits).isEqualTo(pod.container().getResources().getRequests());
        assertThat(limits.get("memory")).isEqualTo(new Quantity("8192Mi"));
      }
      assertThat(executor.container().getResources().getLimits().get("cpu"))
          .isEqualTo(new Quantity("4"));
      assertThat(environment(executor).values())
          .contains("-Dorg.bytedeco.javacpp.maxphysicalbytes=7680m");
    }
  }

  private static void requireConfined(SparkPod pod) {
    PodSpec spec = pod.pod().getSpec();
    Container container = pod.container();
    assertThat(container.getImage()).isEqualTo(IMAGE);
    assertThat(spec.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(spec.getSecurityContext().getRunAsUser()).isEqualTo(185);
    assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(container.getVolumeMounts())
        .extracting(mount -> mount.getMountPath())
        .contains("/tmp", "/expanse");
    assertThat(spec.getVolumes())
        .filteredOn(volume -> volume.getPersistentVolumeClaim() != null)
        .extracting(volume -> volume.getPersistentVolumeClaim().getClaimName())
        .containsExactly("expanse");
  }

  @Test
  @DisplayName("The image starts an executor with all that Spark gives its pod, as Spark reads it")
  void entrypoint() throws Exception {
    submit("sweep", "smallest");
    Map<String, String> environment;
    try (var client = client()) {
      environment = environment(executor(client));
    }
    environment.put("SPARK_HOME", "/opt/spark");
    environment.put("JAVA_HOME", work.resolve("java").toString());

    var run = ScriptRun.of(work, environment, "kubernetes/entrypoint.sh", "executor");

    assertThat(run.status()).as("%s", run).isZero();
    var words = Files.readAllLines(work.resolve("executed"));
    int main = words.indexOf(KubernetesExecutorBackend.class.getName());
    assertThat(words.subList(0, main))
        .contains("-Xmx4096m", "/opt/expanse/onnxruntime.jar:/opt/spark/jars/*")
        .containsAll(
            environment.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith("SPARK_JAVA_OPT_"))
                .map(Map.Entry::getValue)
                .toList());
    var read =
        KubernetesExecutorBackend.parseArguments(
            words.subList(main + 1, words.size()).toArray(String[]::new), "executor");
    assertThat(read.executorId()).isEqualTo("1");
    assertThat(read.cores()).isEqualTo(4);
    assertThat(read.driverUrl()).isEqualTo("spark://CoarseGrainedScheduler@driver.expanse:7078");
    assertThat(read.podName()).isEqualTo("pod's name");
  }

  @Test
  @DisplayName("The account, the role and the volume are those that the pods name")
  void namespace() throws IOException {
    try (var client = client();
        var file = Files.newInputStream(ScriptRun.script("kubernetes/namespace.yaml"))) {
      var items = client.load(file).items();

      assertThat(items)
          .extracting(HasMetadata::getKind)
          .containsExactly(
              "Namespace", "ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim");
      assertThat(items).allMatch(item -> item.getMetadata().getName().equals("expanse"));
    }
  }

  @Test
  @DisplayName("The image's entry point reads no variable that Spark does not set")
  void variables() throws Exception {
    submit("sweep", "smallest");
    var text = Files.readString(ScriptRun.script("kubernetes/entrypoint.sh"));
    var reads = new TreeSet<String>();
    Pattern.compile("\\$\\{?(SPARK_[A-Z_]+[A-Z])\\b")
        .matcher(text)
        .results()
        .forEach(found -> reads.add(found.group(1)));
    try (var client = client()) {
      reads.removeAll(environment(executor(client)).keySet());
      reads.removeAll(environment(driver(client)).keySet());
    }

    assertThat(reads).containsExactly("SPARK_HOME", "SPARK_SUBMIT_OPTS"); // of image and user
  }

  private ScriptRun submit(String... job) throws Exception {
    var environment =
        Map.of(
            "SPARK_HOME",
            work.resolve("spark").toString(),
            "EXPANSE_IMAGE",
            IMAGE,
            "PATH",
            work.resolve("bin") + ":" + System.getenv("PATH"));
    return ScriptRun.of(work, environment, "kubernetes.sh", job);
  }

  /** What spark-submit makes of the arguments that it was given. */
  private scala.Tuple4<scala.collection.Seq<String>, ?, SparkConf, String> submitted()
      throws IOException {
    var words = JavaConverters.asScalaBuffer(Files.readAllLines(work.resolve("submitted"))).toSeq();
    var arguments =
        new SparkSubmitArguments(words, new scala.collection.immutable.HashMap<String, String>());
    return new SparkSubmit().prepareSubmitEnvironment(arguments, Option.empty());
  }

  private SparkPod driver(KubernetesClient client) throws IOException {
    var prepared = submitted();
    var given =
        ClientArguments.fromCommandLineArgs(
            JavaConverters.seqAsJavaList(prepared._1()).toArray(String[]::new));
    var conf =
        KubernetesConf.createDriverConf(
            prepared._3(),
            "spark-1",
            given.mainAppResource(),
            given.mainClass(),
            given.driverArgs(),
            Option.empty());
    return new KubernetesDriverBuilder().buildFromFeatures(conf, client).pod();
  }

  /** The pod of an executor, which Spark makes with the settings that the driver has. */
  private SparkPod executor(KubernetesClient client) throws IOException {
    var settings =
        submitted()
            ._3()
            .set("spark.driver.host", "driver.expanse")
            .set("spark.driver.port", "7078");
    var manager =
        new SecurityManager(settings, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE());
    manager.initializeAuth();
    var conf = KubernetesConf.createExecutorConf(settings, "1", "spark-1", Option.<Pod>empty(), 0);
    var profiles = ResourceProfile$.MODULE$; // the first settings make the usual one of a process
    profiles.clearDefaultProfile();
    try {
      var profile = profiles.getOrCreateDefaultProfile(settings);
      return new KubernetesExecutorBuilder()
          .buildFromFeatures(conf, manager, client, profile)
          .pod();
    } finally {
      profiles.clearDefaultProfile();
    }
  }

  /** The variables of a pod; those that Kubernetes fills in say of what. */
  private static Map<String, String> environment(SparkPod pod) {
    return pod.container().getEnv().stream()
        .collect(
            Collectors.toMap(
                EnvVar::getName,
                variable -> variable.getValue() != null ? variable.getValue() : "pod's name",
                (first, second) -> second,
                HashMap::new));
  }

  private static KubernetesClient client() {
    return new KubernetesClientBuilder().withConfig(Config.empty()).build();
  }

  private void program(String name, String text) throws IOException {
    var file = work.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
