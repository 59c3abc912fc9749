package dev.expanse.jobs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/**
 * What a command did, run in this JVM.
 *
 * @param status the exit status
 * @param out what it printed for the user
 * @param err what it printed of mistakes
 */
record CommandRun(int status, String out, String err) {

  /** Runs a command. */
  static CommandRun of(String... words) {
    var out = new ByteArrayOutputStream();
    var err = new StringWriter();
    var before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      int status =
          Expanse.commandLine()
              .setOut(new PrintWriter(System.out, true))
              .setErr(new PrintWriter(err, true))
              .execute(words);
      return new CommandRun(status, out.toString(StandardCharsets.UTF_8), err.toString());
    } finally {
      System.setOut(before);
    }
  }
}
