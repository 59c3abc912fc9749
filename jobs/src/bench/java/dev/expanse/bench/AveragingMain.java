package dev.expanse.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The driver's process of {@link AveragingBench}: answers {@value #ROUND} with an {@link
 * AveragedRound}, {@value #COSTS} with {@link AveragingCosts}.
 */
final class AveragingMain {
  static final String ROUND = "round";
  static final String COSTS = "costs";
  static final String STOP = "stop";

  private AveragingMain() {}

  /** Arguments: those of {@link AveragingWorkload}. */
  public static void main(String[] args) throws IOException {
    var answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    var workload = AveragingWorkload.parse(List.of(args));
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (var rounds = new AveragingRounds(workload)) {
      answers.println(SubjectMain.ANSWER);
      for (var line = requests.readLine(); line != null; line = requests.readLine()) {
        answers.println((SubjectMain.ANSWER + " " + answer(rounds, line.split(" "))).strip());
      }
    }
    System.exit(0); // engines leave threads behind that are no daemons
  }

  private static String answer(AveragingRounds rounds, String[] request) {
    return switch (request[0]) {
      case ROUND ->
          rounds
              .round(AveragingKind.of(request[1]), request[2], Integer.parseInt(request[3]))
              .toString();
      case COSTS -> rounds.costs().toString();
      case STOP -> {
        rounds.close();
        yield "";
      }
      default -> throw new IllegalArgumentException("Cannot answer " + String.join(" ", request));
    };
  }
}
