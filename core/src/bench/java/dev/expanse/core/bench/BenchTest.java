package dev.expanse.core.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "''                    | no benchmark given: expected one of engine",
        "motor                 | unknown benchmark 'motor': expected one of engine",
        "engine --network foo  | --network foo: expected one of mobilenet-v2, ecnn",
        "engine --side 0       | --side 0: expected a whole number from 1 to 4096",
        "engine --rounds never | Invalid value for option '--rounds'",
        "engine --fast         | Unknown option: '--fast'"
      })
  void mistakesAreToldInOneSentence(String line, String sentence) {
    var err = new StringWriter();
    var command = Bench.commandLine().setErr(new PrintWriter(err));
    var args = line.isEmpty() ? new String[0] : line.split(" ");
    assertThat(command.execute(args)).isEqualTo(2);
    assertThat(err.toString()).startsWith("bench: " + sentence).hasLineCount(1);
  }
}
