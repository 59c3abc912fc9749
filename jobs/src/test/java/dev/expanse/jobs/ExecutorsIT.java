package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on executors that are processes of their own, which may end at any time. */
class ExecutorsIT {
  private static final int ROUNDS = 6;
  private static final int KILLED_IN = 3;
  private static final String NETWORK =
      """
      name = small, family = inverted-residual, table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 3]]
      stem = 8, head = 16, resolution = 16, dropout = 0.2
      """;

  /** Six rounds, most of them of so many steps that one can be killed in its midst. */
  private static final String RECIPE =
      """
      batch = 16, images = 4800, learning-rate = 0.05, augment { min-scale = 0.5 }
      averaging { frequency = 30, outer { optimizer = nesterov, momentum = 0.5 }, ema = 0.9 }
      """;

  /** In Spark's log, the stage in which the workers take their steps; another one averages. */
  private static final Pattern STAGE =
      Pattern.compile("Submitting ShuffleMapStage (\\d+) .* at AveragingMaster");

  @TempDir private static Path work;
  private static Path sparkHome;

  /** A worker's task that Spark has started. */
  private record Started(int stage, int worker, int task, String executor) {}

  @BeforeAll
  static void makeSparkHome() throws IOException {
    LocalSpark.session(); // what runs undisturbed takes it
    sparkHome = SubmittedApplication.sparkHome(work.resolve("spark"));
    Files.writeString(work.resolve("small.conf"), NETWORK);
    Files.writeString(work.resolve("short.conf"), RECIPE);
  }

  @Test
  @DisplayName("An executor killed in a round changes no bit of what is trained")
  void killed() throws Exception {
    var undisturbed = CommandRun.of(job("undisturbed").toArray(String[]::new));
    assertThat(undisturbed.status()).as("%s", undisturbed).isZero();

    try (var disturbed = submit("disturbed")) {
      disturbed.await("a round", () -> rounds(disturbed).size() == KILLED_IN);
      disturbed.await(
          "a task", () -> !started(disturbed, rounds(disturbed).get(KILLED_IN - 1)).isEmpty());
      var task = started(disturbed, rounds(disturbed).get(KILLED_IN - 1)).get(0);

      executor(disturbed, task.executor()).destroyForcibly();
      disturbed.awaitSuccess();

      assertThat(disturbed.log())
          .contains("Lost executor " + task.executor() + " on 127.0.0.1")
          .containsPattern(
              "ask %d\\.0 in stage %d\\.0 \\(TID %d\\).*(its executor exited|ExecutorLostFailure)"
                  .formatted(task.worker(), task.stage(), task.task()));
      var executors = executors(disturbed);
      assertThat(executors.get(task.worker()))
          .startsWith(task.executor(), task.executor(), task.executor())
          .satisfies(all -> assertThat(all.get(KILLED_IN)).isNotEqualTo(task.executor()));
      assertThat(executors.get(1 - task.worker()))
          .as("a worker stays where it is, as long as no executor is lost")
          .hasSizeGreaterThanOrEqualTo(ROUNDS)
          .doesNotContain(task.executor())
          .satisfies(all -> assertThat(Set.copyOf(all.subList(0, KILLED_IN))).hasSize(1));
    }

    new TrainedModel(work.resolve("disturbed"))
        .requireEqualTo(new TrainedModel(work.resolve("undisturbed")));
  }

  private static SubmittedApplication submit(String name) throws IOException {
    return SubmittedApplication.onTwoExecutors(work.resolve(name + ".log"), sparkHome, job(name));
  }

  private static List<String> job(String name) {
    return List.of(
        "train",
        "--network",
        work.resolve("small.conf").toString(),
        "--recipe",
        work.resolve("short.conf").toString(),
        "--workers",
        "2",
        "--output",
        work.resolve(name).toString(),
        "--results",
        work.resolve("results").toString());
  }

  /** The stages of the rounds that have begun. */
  private static List<Integer> rounds(SubmittedApplication application) {
    return STAGE
        .matcher(application.log())
        .results()
        .map(found -> Integer.valueOf(found.group(1)))
        .toList();
  }

  /** The workers' tasks in a stage, in the order in which they were started. */
  private static List<Started> started(SubmittedApplication application, int stage) {
    return Pattern.compile(
            "Starting task (\\d+)\\.\\d+ in stage %d\\.\\d+ \\(TID (\\d+)\\) \\([^,]+, executor (\\w+),"
                .formatted(stage))
        .matcher(application.log())
        .results()
        .map(
            found ->
                new Started(
                    stage,
                    Integer.parseInt(found.group(1)),
                    Integer.parseInt(found.group(2)),
                    found.group(3)))
        .toList();
  }

  /** On which executor each worker was started, round by round. */
  private static Map<Integer, List<String>> executors(SubmittedApplication application) {
    var executors = new HashMap<Integer, List<String>>();
    for (int stage : rounds(application)) {
      for (var task : started(application, stage)) {
        executors.computeIfAbsent(task.worker(), worker -> new ArrayList<>()).add(task.executor());
      }
    }
    return executors;
  }

  private static ProcessHandle executor(SubmittedApplication application, String id) {
    return application.children().stream()
        .filter(
            child -> {
              var words = List.of(child.info().arguments().orElse(new String[0]));
              int key = words.indexOf("--executor-id");
              return key >= 0 && words.get(key + 1).equals(id);
            })
        .findFirst()
        .orElseThrow();
  }
}
