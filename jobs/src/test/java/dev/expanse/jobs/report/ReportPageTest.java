package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.htmlunit.BrowserVersion;
import org.htmlunit.MockWebConnection;
import org.htmlunit.WebClient;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.HtmlElement;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlSelect;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  private static final String HOSTILE = "</script><script>document.title = 'taken'</script>";

  @Test
  @DisplayName("The data are those of the configurations, with gaps where there is no number")
  void data() throws IOException {
    var json = json(SweepRows.of("a", 2_500_000, 0.25, 1.5), SweepRows.failed("b", "no memory"));

    assertThat(json).hasSize(1);
    assertThat(json.get(0).get("title").asText())
        .isEqualTo("dataset sample, recipe quick, seed 1, 2 workers");
    var first = json.get(0).get("configurations").get(0);
    assertThat(first.get("name").asText()).isEqualTo("a");
    assertThat(first.get("hocon").asText()).isEqualTo("name = a\nfamily = test\n");
    assertThat(first.get("macs").asDouble()).isEqualTo(2.5);
    assertThat(first.get("top1").asDouble()).isEqualTo(25);
    assertThat(first.get("p50").get(0).asDouble()).isEqualTo(1.5);
    var second = json.get(0).get("configurations").get(1);
    assertThat(second.has("top1")).isFalse();
    assertThat(second.get("p50").get(0).asText()).isEmpty();
    assertThat(second.get("error").asText()).isEqualTo("no memory");
  }

  @Test
  @DisplayName("A page asks for nothing from elsewhere")
  void alone() {
    var html = page(SweepRows.of("a", 1, 0.2, 1));

    assertThat(html.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:")
        .doesNotContain("https:")
        .doesNotContain("//cdn")
        .doesNotContain("@import")
        .doesNotContain(" src=");
    assertThat(html).contains("default-src 'none'");
  }

  @Test
  @DisplayName("A network or an error that is markup is shown as text, in the chart and the table")
  void hostile() throws IOException {
    var html =
        page(SweepRows.of(HOSTILE, 1_000_000, 0.2, 1), SweepRows.failed("b", "<b>bold</b> & more"));

    assertThat(html).doesNotContain(HOSTILE).doesNotContain("<b>bold");
    try (var browser = browser()) {
      var page = open(browser, html);
      assertThat(page.getTitleText()).isEqualTo("Expanse: results");
      assertThat(cells(page, 0)).containsExactly(HOSTILE, "b");
      assertThat(page.querySelectorAll("tbody b, svg script")).isEmpty();
      assertThat(page.asNormalizedText()).contains("failed: <b>bold</b> & more");
    }
  }

  @Test
  @DisplayName("A seed that failed is told beside those that were measured, not as their status")
  void failedSeed() throws IOException {
    var failed =
        SweepRows.of(
            "a", 1, 0, 1, "seed", 2L, "top1", null, "status", "failed", "error", "no memory");

    try (var browser = browser()) {
      var page = open(browser, page(SweepRows.of("a", 1, 0.2, 1), failed));

      assertThat(page.asNormalizedText())
          .contains("failed with seed 2: no memory")
          .doesNotContain("ok: failed");
    }
  }

  @Test
  @DisplayName("The chart has a point for each configuration, those of the front in front")
  void chart() throws IOException {
    try (var browser = browser()) {
      var page = open(browser, page(three()));

      assertThat(page.querySelectorAll("circle.point")).hasSize(3);
      assertThat(best(page)).containsExactly("a", "c");
      choose(page, "x", "p50");
      assertThat(best(page)).containsExactly("b", "c");
      choose(page, "y", "p50");
      choose(page, "x", "macs");
      assertThat(page.getElementById("caption").getTextContent())
          .contains("Spearman’s rank correlation of latency with MACs: -0.50.");
    }
  }

  @Test
  @DisplayName("A column's header sorts, again in the other direction, and gaps stay last")
  void sorts() throws IOException {
    try (var browser = browser()) {
      var rows = List.of(three()[0], three()[1], three()[2], SweepRows.failed("z", "no memory"));
      var page = open(browser, page(rows.toArray(Row[]::new)));
      assertThat(cells(page, 0)).containsExactly("a", "b", "c", "z"); // by MACs

      sort(page, "top1");
      assertThat(cells(page, 0)).containsExactly("b", "a", "c", "z");
      assertThat(page.querySelectorAll("th[aria-sort=ascending]")).hasSize(1);
      sort(page, "top1");
      assertThat(cells(page, 0)).containsExactly("c", "a", "b", "z");
      assertThat(page.querySelectorAll("th[aria-sort=descending]")).hasSize(1);
    }
  }

  @Test
  @DisplayName(
      "Beside a baseline each network has a difference paired by seed, and is sorted by it")
  void baseline() throws IOException {
    var rows =
        List.of(
            SweepRows.of("a", 1_000_000, 0.20, 1, "seed", 1L),
            SweepRows.of("a", 1_000_000, 0.22, 1, "seed", 2L),
            SweepRows.of("b", 2_000_000, 0.30, 1, "seed", 1L),
            SweepRows.of("b", 2_000_000, 0.33, 1, "seed", 2L),
            SweepRows.of("c", 3_000_000, 0.19, 1, "seed", 1L),
            SweepRows.of("c", 3_000_000, 0.22, 1, "seed", 2L));
    try (var browser = browser()) {
      var page = open(browser, new ReportPage(Comparison.of(rows), Optional.of("a")).html());

      int column = headers(page).indexOf("vs a");
      assertThat(cells(page, column)).containsExactly("–", "+10.5 ± 6.4*", "-0.5 ± 6.4");
      sort(page, "difference");
      assertThat(cells(page, 0)).containsExactly("c", "b", "a");
      assertThat(page.getElementById("paired").isDisplayed()).isTrue();
      press(page, "End");
      assertThat(page.getElementById("tip").getTextContent())
          .contains("-0.5 ± 6.4 points beside a");
      press(page, "ArrowLeft");
      assertThat(page.getElementById("tip").getTextContent())
          .contains("+10.5 ± 6.4* points beside a");
    }
    try (var browser = browser()) {
      var page = open(browser, new ReportPage(Comparison.of(rows), Optional.of("d")).html());

      assertThat(headers(page)).noneMatch(header -> header.startsWith("vs "));
      assertThat(page.getElementById("paired").getTextContent())
          .isEqualTo("Nothing is compared with d, which was not trained to the end here.");
    }
    try (var browser = browser()) {
      var page = open(browser, page(three()));

      assertThat(page.getElementById("paired").isDisplayed()).isFalse();
    }
  }

  @Test
  @DisplayName("Arrow keys go from point to point and tell each, with its network")
  void keys() throws IOException {
    try (var browser = browser()) {
      var page = open(browser, page(three()));

      press(page, "ArrowRight");
      press(page, "ArrowRight");
      assertThat(page.getElementById("tip").getTextContent())
          .startsWith("b")
          .contains("2.00 M MACs")
          .contains("top-1 10.0 ± 1.5 %")
          .contains("name = b\nfamily = test");
      assertThat(page.getElementById("said").getTextContent()).startsWith("b: ");
      press(page, "Escape");
      assertThat(page.getElementById("tip").hasAttribute("hidden")).isTrue();
    }
  }

  @Test
  @DisplayName("Of thousands of rows the first are shown, all on demand, and a name is found")
  void thousands() throws IOException {
    var rows =
        IntStream.range(0, 1000)
            .mapToObj(i -> SweepRows.of("n" + (1000 + i), 1000L + i, 0.001 * i, 1 + i))
            .toArray(Row[]::new);
    try (var browser = browser()) {
      var page = open(browser, page(rows));

      assertThat(page.querySelectorAll("circle.point")).hasSize(1000);
      assertThat(cells(page, 0)).hasSize(200);
      page.<HtmlElement>getHtmlElementById("more").click();
      assertThat(cells(page, 0)).hasSize(1000);
      page.<HtmlInput>getHtmlElementById("filter").type("N1777");
      assertThat(cells(page, 0)).containsExactly("n1777");
      assertThat(page.querySelectorAll("circle.point")).hasSize(1);
    }
  }

  private static Row[] three() {
    return new Row[] {
      SweepRows.of("a", 1_000_000, 0.2, 3),
      SweepRows.of("b", 2_000_000, 0.1, 1),
      SweepRows.of("c", 3_000_000, 0.4, 2)
    };
  }

  private static String page(Row... rows) {
    return new ReportPage(Comparison.of(List.of(rows)), Optional.empty()).html();
  }

  private static JsonNode json(Row... rows) throws IOException {
    return new ObjectMapper()
        .readTree(new ReportPage(Comparison.of(List.of(rows)), Optional.empty()).json());
  }

  /** A browser that reaches nothing; what fails in a script fails the test. */
  private static WebClient browser() {
    var browser = new WebClient(BrowserVersion.CHROME);
    browser.getOptions().setThrowExceptionOnScriptError(true);
    browser.setWebConnection(new MockWebConnection());
    return browser;
  }

  private static HtmlPage open(WebClient browser, String html) throws IOException {
    return browser.loadHtmlCodeIntoCurrentWindow(html);
  }

  private static void choose(HtmlPage page, String select, String value) {
    page.<HtmlSelect>getHtmlElementById(select).setSelectedAttribute(value, true);
  }

  private static void sort(HtmlPage page, String column) throws IOException {
    page.<HtmlElement>querySelector("th button[data-sort=" + column + "]").click();
  }

  private static void press(HtmlPage page, String key) {
    page.executeJavaScript(
        "document.getElementById('plot').dispatchEvent(new KeyboardEvent('keydown', {key: '%s'}))"
            .formatted(key));
  }

  private static List<String> best(HtmlPage page) {
    return page.querySelectorAll("tr.best td:first-child").stream()
        .map(cell -> cell.getTextContent())
        .sorted()
        .toList();
  }

  private static List<String> headers(HtmlPage page) {
    return page.querySelectorAll("thead th").stream().map(cell -> cell.getTextContent()).toList();
  }

  private static List<String> cells(HtmlPage page, int column) {
    return page.querySelectorAll("tbody tr").stream()
        .map(row -> ((DomElement) row).getElementsByTagName("td").get(column).getTextContent())
        .toList();
  }
}
