package dev.expanse.jobs.notebook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.expanse.core.config.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * A Jupyter notebook, format 4: cells of text and of code with what the code has put out.
 *
 * @param json the whole of it, which the cells are part of
 */
public record Notebook(ObjectNode json) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A notebook of a file's text.
   *
   * @param source where it comes from, for the message
   * @throws InvalidInputException if it is none of format 4
   */
  public static Notebook parse(String text, String source) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode json && json.path("nbformat").asInt() == 4) {
        return new Notebook(json);
      }
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(source + ": expected a notebook, which is JSON", e);
    }
    throw InvalidInputException.of("%s: expected a Jupyter notebook of format 4", source);
  }

  /** The cells of code, in their order. */
  public List<Cell> code() {
    var cells = new ArrayList<Cell>();
    for (var cell : json.path("cells")) {
      if (cell instanceof ObjectNode object && "code".equals(cell.path("cell_type").asText())) {
        cells.add(new Cell(object));
      }
    }
    return cells;
  }

  /** The text of its file, as Jupyter indents it. */
  public String text() {
    var indenter = new DefaultIndenter(" ", "\n");
    var printer = new DefaultPrettyPrinter().withObjectIndenter(indenter);
    printer.indentArraysWith(indenter);
    try {
      return JSON.writer(printer).writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a notebook", e);
    }
  }

  /** A cell of code. */
  public record Cell(ObjectNode json) {
    /** Its lines. */
    public String source() {
      var text = new StringBuilder();
      json.path("source").forEach(line -> text.append(line.asText()));
      return text.isEmpty() ? json.path("source").asText() : text.toString();
    }

    /** All that it has printed. */
    public String printed() {
      var text = new StringBuilder();
      json.path("outputs")
          .forEach(output -> output.path("text").forEach(line -> text.append(line.asText())));
      return text.toString();
    }

    /** How many pictures it has shown. */
    public int pictures() {
      int count = 0;
      for (var output : json.path("outputs")) {
        count += output.path("data").has("image/png") ? 1 : 0;
      }
      return count;
    }

    /** Replaces what it has put out before. */
    void put(int count, String printed, List<String> pngs) {
      json.put("execution_count", count);
      var outputs = json.putArray("outputs");
      if (!printed.isEmpty()) {
        var stream = outputs.addObject();
        stream.put("name", "stdout").put("output_type", "stream");
        lines(printed, stream.putArray("text"));
      }
      for (var png : pngs) {
        var display = outputs.addObject();
        display.put("output_type", "display_data").putObject("metadata");
        display.putObject("data").put("image/png", png).put("text/plain", "a figure");
      }
    }

    private static void lines(String text, ArrayNode lines) {
      int from = 0;
      while (from < text.length()) {
        int end = text.indexOf('\n', from);
        int to = end < 0 ? text.length() : end + 1;
        lines.add(text.substring(from, to));
        from = to;
      }
    }
  }
}
