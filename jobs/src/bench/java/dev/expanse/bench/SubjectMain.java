package dev.expanse.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The process of one subject. It reads a request a line from stdin and answers each by a line on
 * stdout, until stdin ends; while it waits it takes no processor time. An answer begins with
 * {@value #ANSWER}, since native libraries may write to stdout as well.
 *
 * <pre>
 * warm-up train 8         ANSWER
 * measure train 8 1200    ANSWER 976.1 980.2     calls for 1200 milliseconds: those of each
 * peak-memory             ANSWER 1234567         kilobytes that were resident at most
 * </pre>
 *
 * <p>It says ANSWER once by itself, when the subject is made. Where the subject cannot do a task it
 * says {@value #REFUSED} and why, and goes on.
 */
final class SubjectMain {
  static final String ANSWER = "expanse-bench-answer";
  static final String WARM_UP = "warm-up";
  static final String MEASURE = "measure";
  static final String PEAK_MEMORY = "peak-memory";
  static final String REFUSED = "refused";

  private static final int WARM_UP_CALLS = 3;
  private static final long WARM_UP_MS = 3000;

  /** In less, not all that Java does for each layer of a training step has been compiled. */
  private static final long TRAINING_WARM_UP_MS = 20_000;

  private final Subject subject;

  private SubjectMain(Subject subject) {
    this.subject = subject;
  }

  /** Arguments: {@link #arguments}. */
  public static void main(String[] args) throws IOException {
    var answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    var workload = Workload.parse(args[0], List.of(args).subList(2, args.length));
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (var subject = workload.create(args[1])) {
      var main = new SubjectMain(subject);
      answers.println(ANSWER);
      for (var line = requests.readLine(); line != null; line = requests.readLine()) {
        answers.println((ANSWER + " " + main.answer(line.split(" "))).strip());
      }
    }
    System.exit(0); // engines leave threads behind that are no daemons
  }

  /** The arguments with which {@link #main} makes this subject. */
  static List<String> arguments(Object subject, Workload<?> workload) {
    var arguments = new ArrayList<>(List.of(workload.benchmark(), subject.toString()));
    arguments.addAll(workload.arguments());
    return arguments;
  }

  private String answer(String[] request) throws IOException {
    return switch (request[0]) {
      case WARM_UP, MEASURE -> times(request);
      case PEAK_MEMORY -> String.valueOf(peakKilobytes());
      default -> throw new IllegalArgumentException("Cannot answer " + String.join(" ", request));
    };
  }

  private String times(String[] request) {
    var task = Task.parse(request[1], request[2]);
    try {
      if (request[0].equals(WARM_UP)) {
        boolean training = task.what() == Task.What.TRAIN;
        calls(task, WARM_UP_CALLS, training ? TRAINING_WARM_UP_MS : WARM_UP_MS);
        return "";
      }
      return calls(task, 1, Long.parseLong(request[3])).stream()
          .map(String::valueOf)
          .collect(Collectors.joining(" "));
    } catch (IllegalArgumentException e) {
      return REFUSED + " " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    }
  }

  /** Calls until that many are made and that much time has passed; their milliseconds. */
  private List<Double> calls(Task task, int least, long milliseconds) {
    var times = new ArrayList<Double>();
    long end = System.nanoTime() + milliseconds * 1_000_000;
    while (times.size() < least || System.nanoTime() < end) {
      times.add(subject.run(task));
    }
    return times;
  }

  /** Linux counts it for each process; 0 elsewhere. */
  private static long peakKilobytes() throws IOException {
    var status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
