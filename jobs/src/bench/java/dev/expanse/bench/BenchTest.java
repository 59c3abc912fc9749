package dev.expanse.bench;

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
        "''                    | no benchmark given: expected one of engine, families, input, averaging",
        "motor                 | unknown benchmark 'motor': expected one of engine, families, input, averaging",
        "engine --network foo  | --network foo: expected one of vgg-11, vgg-11-bn, ",
        "engine --network foo-x0.5 | --network foo-x0.5: expected one of vgg-11, vgg-11-bn, ",
        "engine --network ecnn-x0 | ecnn-x0, line 1: width = 0: expected a number",
        "engine --network googlenet --side 8 | googlenet with resolution = 8: ",
        "families --network ecnn,foo | --network foo: expected one of vgg-11, ",
        "families --batch 0    | --batch 0: expected a whole number from 1 to 4096",
        "engine --side 0       | --side 0: expected a whole number from 1 to 4096",
        "engine --rounds never | Invalid value for option '--rounds'",
        "engine --fast         | Unknown option: '--fast'",
        "averaging --steps 0   | --steps 0: expected a whole number from 1 to 10000",
        "averaging --network foo | --network foo: expected one of vgg-11, vgg-11-bn, ",
        "averaging --network-gbit 0 | --network-gbit 0.0: expected a number above 0 and up to 100000",
        "averaging --latency-ms -1 | --latency-ms -1.0: expected a number from 0 to 1000",
        "input --side 0        | --side 0: expected a whole number from 1 to 4096",
        "input --seconds 0     | --seconds 0.0: expected a number above 0 and up to 3600",
        "input --seconds NaN   | --seconds NaN: expected a number above 0 and up to 3600",
        "input --images nowhere | --images nowhere: expected a folder"
      })
  void mistakesAreToldInOneSentence(String line, String sentence) {
    var err = new StringWriter();
    var command = Bench.commandLine().setErr(new PrintWriter(err));
    var args = line.isEmpty() ? new String[0] : line.split(" ");
    assertThat(command.execute(args)).isEqualTo(2);
    assertThat(err.toString()).startsWith("bench: " + sentence).hasLineCount(1);
  }
}
