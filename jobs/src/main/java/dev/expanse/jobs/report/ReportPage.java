package dev.expanse.jobs.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A page for a browser that has all in itself: a table to sort, and a chart whose axes can be
 * chosen. Names and errors get into it as data, never as markup.
 *
 * @param comparisons what it shows, of which one at a time
 * @param baseline name of the network that the others are compared with, if there is one
 */
public record ReportPage(List<Comparison> comparisons, Optional<String> baseline) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PLACE = "@DATA@";

  /** A page; the list is copied. */
  public ReportPage {
    comparisons = List.copyOf(comparisons);
  }

  /** The page as HTML 5. */
  public String html() {
    return template().replace(PLACE, json());
  }

  /** The data, without a character that could end or open an element. */
  String json() {
    try {
      return JSON.writeValueAsString(comparisons.stream().map(this::comparison).toList())
          .replace("<", "\\u003c")
          .replace(">", "\\u003e")
          .replace("&", "\\u0026");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write the report's data", e);
    }
  }

  private Map<String, Object> comparison(Comparison comparison) {
    var timings = comparison.timings();
    var compared = baseline.flatMap(comparison::named);
    var data = new LinkedHashMap<String, Object>();
    data.put("title", comparison.title());
    data.put("chance", number(100 * chance(comparison)));
    data.put("timings", timings.stream().map(each -> timing(comparison, each)).toList());
    compared.ifPresentOrElse(
        other -> data.put("baseline", other.name()),
        () -> baseline.ifPresent(name -> data.put("uncompared", name)));
    data.put(
        "configurations",
        comparison.configurations().stream()
            .map(each -> configuration(each, compared, timings))
            .toList());
    return data;
  }

  private static double chance(Comparison comparison) {
    return comparison.rows().stream()
        .map(row -> new Cells(row).number("chance"))
        .filter(Double::isFinite)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static Map<String, Object> timing(Comparison comparison, Timing timing) {
    var data = new LinkedHashMap<String, Object>();
    data.put("name", timing.toString());
    data.put("engine", timing.engine());
    data.put("batch", timing.batch());
    data.put("threads", timing.threads());
    data.put("processor", timing.processor());
    data.put("macs", number(comparison.correlation(Configuration::macs, timing)));
    data.put("params", number(comparison.correlation(Configuration::params, timing)));
    data.put("activations", number(comparison.correlation(Configuration::activations, timing)));
    data.put("peak", number(comparison.correlation(Configuration::peakBytes, timing)));
    return data;
  }

  private static Map<String, Object> configuration(
      Configuration each, Optional<Configuration> baseline, List<Timing> timings) {
    var data = new LinkedHashMap<String, Object>();
    data.put("name", each.name());
    data.put("hocon", each.hocon());
    data.put("side", each.resolution());
    data.put("macs", number(each.macs() / 1e6));
    data.put("params", number(each.params() / 1e3));
    data.put("activations", number(each.activations() / 1e6));
    data.put("peak", number(each.peakBytes() / 1e6));
    each.accuracy()
        .ifPresent(
            accuracy -> {
              data.put("seeds", accuracy.seeds());
              data.put("top1", number(100 * accuracy.top1()));
              data.put("spread", number(100 * accuracy.spread()));
              data.put("top5", number(100 * accuracy.top5()));
            });
    baseline
        .flatMap(each::differenceFrom)
        .ifPresent(
            paired -> {
              data.put("difference", number(100 * paired.mean()));
              data.put("margin", number(100 * paired.margin()));
              data.put("excludesZero", paired.excludesZero());
            });
    data.put("p50", timings.stream().map(timing -> number(each.p50(timing))).toList());
    data.put("p90", timings.stream().map(timing -> number(each.p90(timing))).toList());
    data.put("seconds", number(each.seconds()));
    data.put("status", each.status());
    data.put("measured", each.isMeasured());
    data.put("error", each.error());
    return data;
  }

  /** Empty for what JSON has no number for; six digits are more than any measurement has. */
  private static Object number(double value) {
    return Double.isFinite(value)
        ? (Object) Double.valueOf(String.format(Locale.ROOT, "%.6g", value))
        : "";
  }

  private static Object number(OptionalDouble value) {
    return number(value.orElse(Double.NaN));
  }

  private static String template() {
    try (var in = ReportPage.class.getResourceAsStream("report.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
