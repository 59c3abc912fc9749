package dev.expanse.jobs.report;

import java.sql.Timestamp;
import org.apache.spark.sql.Row;

/** The cells of a row, of which older and newer tables may lack some. */
record Cells(Row row) {
  /** A value, or null where the column or the value is missing. */
  <T> T value(String column) {
    return row.schema().getFieldIndex(column).isEmpty() ? null : row.getAs(column);
  }

  /** A text; empty where it is missing. */
  String text(String column) {
    Object value = value(column);
    return value == null ? "" : value.toString();
  }

  /** A number; NaN where it is missing. */
  double number(String column) {
    Number value = value(column);
    return value == null ? Double.NaN : value.doubleValue();
  }

  /** A whole number; 0 where it is missing. */
  int whole(String column) {
    Number value = value(column);
    return value == null ? 0 : value.intValue();
  }

  /** When it was begun, as milliseconds; 0 where that is missing. */
  long startedAt() {
    Timestamp value = value("started_at");
    return value == null ? 0 : value.getTime();
  }
}
