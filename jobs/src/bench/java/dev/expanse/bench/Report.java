package dev.expanse.bench;

import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The figures of one run as a table for people and as JSON for programs. */
interface Report {

  /** The table, with a line above that says what was measured. */
  String table();

  /** The figures as JSON, an object a line. */
  List<String> json();

  /** Adds the lines of JSON to a file, which is made if there is none. */
  default void appendTo(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, json(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** A column of words. */
  static <R> ColumnData<R> left(String header, Function<R, String> cell) {
    return new Column().header(header).dataAlign(HorizontalAlign.LEFT).with(cell);
  }

  /** A column of numbers. */
  static <R> ColumnData<R> right(String header, Function<R, String> cell) {
    return new Column().header(header).dataAlign(HorizontalAlign.RIGHT).with(cell);
  }

  /** A number with a point in every locale. */
  static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
