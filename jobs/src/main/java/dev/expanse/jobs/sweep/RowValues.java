package dev.expanse.jobs.sweep;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Row;

/** A row of a table as it was when it was appended. */
final class RowValues {
  private RowValues() {}

  /** Its columns with a value. */
  static Map<String, Object> of(Row row) {
    var values = new HashMap<String, Object>();
    for (var column : row.schema().fieldNames()) {
      if (row.getAs(column) != null) {
        values.put(column, row.getAs(column));
      }
    }
    return values;
  }
}
