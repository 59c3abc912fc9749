package dev.expanse.jobs.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Rows as CSV after RFC 4180, with a header; what is missing is empty. */
public record CsvTable(StructType schema, List<Row> rows) {
  /** A table; the list is copied. */
  public CsvTable {
    rows = List.copyOf(rows);
  }

  /** The whole text. */
  public String text() {
    var header = line(Arrays.asList(schema.fieldNames()));
    return rows.stream().map(row -> line(cells(row))).collect(Collectors.joining("", header, ""));
  }

  private static List<Object> cells(Row row) {
    return IntStream.range(0, row.size()).mapToObj(row::get).collect(Collectors.toList());
  }

  private static String line(List<?> cells) {
    return cells.stream().map(CsvTable::cell).collect(Collectors.joining(",", "", "\r\n"));
  }

  private static String cell(Object value) {
    var text = value == null ? "" : value.toString();
    return text.matches("(?s).*[\",\r\n].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
