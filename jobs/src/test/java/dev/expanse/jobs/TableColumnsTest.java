package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TableColumnsTest {
  /** The partition, which Spark reads from the folder's name. */
  private static final String RUN = "run";

  @Test
  @DisplayName("The README has every column of every result table, and no other")
  void documented() throws IOException {
    var documented = DocumentedTables.read(Path.of("..", "README.md"));
    var written = tables();

    assertThat(documented.keySet()).as("tables").isEqualTo(written.keySet());
    assertThat(documented.get("sweep")).contains(RUN);
    written.forEach(
        (table, columns) -> {
          var named = new TreeSet<>(documented.get(table));
          named.remove(RUN);
          assertThat(named).as("columns of %s in the README", table).isEqualTo(columns);
        });
  }

  @Test
  @DisplayName("Of both kinds of tables in a README the columns are found")
  void parsed() {
    var readme =
        """
        ## Other

        | columns | meaning |
        |---|---|
        | `no` | not here |

        ## Results

        Rows are in `results/first/run=<id>/`.

        | columns | meaning |
        |---|---|
        | `a`, `b_ms` | of `c` |
        | `d` | more |

        | table | columns |
        |---|---|
        | `second` | `x` (not `z`), `y`, and the versions |
        """;

    assertThat(DocumentedTables.parse(readme))
        .isEqualTo(
            Map.of(
                "first",
                Set.of("a", "b_ms", "d"),
                "second",
                Set.of("x", "y", "git_revision", "spark_version", "dl4j_version", "java_version")));
  }

  /** The columns of all tables that the code has, by their names: of each public schema. */
  private static Map<String, Set<String>> tables() {
    var tables = new TreeMap<String, Set<String>>();
    new ClassFileImporter()
        .withImportOption(new DoNotIncludeTests()).importPackages("dev.expanse.jobs").stream()
            .flatMap(type -> type.getFields().stream())
            .filter(field -> field.getRawType().isEquivalentTo(StructType.class))
            .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
            .filter(field -> field.getModifiers().contains(JavaModifier.PUBLIC))
            .map(JavaField::reflect)
            .forEach(
                field ->
                    assertThat(tables.put(name(field), columns(field))).as(name(field)).isNull());
    return tables;
  }

  /** A class of one table says its name; those of several have them as their fields' names. */
  private static String name(Field field) {
    try {
      return (String) field.getDeclaringClass().getField("NAME").get(null);
    } catch (NoSuchFieldException e) {
      return field.getName().toLowerCase(Locale.ROOT);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static Set<String> columns(Field field) {
    try {
      field.setAccessible(true);
      return Set.of(((StructType) field.get(null)).fieldNames());
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
