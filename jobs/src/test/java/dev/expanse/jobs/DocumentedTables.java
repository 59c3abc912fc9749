package dev.expanse.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The columns of result tables as the README's section on results has them: either a table with the
 * header {@code | columns | meaning |} below the folder {@code results/<table>/}, or a line of a
 * table with the header {@code | table | columns |}.
 */
final class DocumentedTables {
  private static final Pattern FOLDER = Pattern.compile("`results/([a-z_]+)/run=");
  private static final Pattern NAME = Pattern.compile("`([a-z0-9_]+)`");
  private static final List<String> VERSIONS =
      List.of("git_revision", "spark_version", "dl4j_version", "java_version");

  private DocumentedTables() {}

  /** The columns by the tables' names. */
  static Map<String, Set<String>> read(Path readme) throws IOException {
    return parse(Files.readString(readme));
  }

  static Map<String, Set<String>> parse(String readme) {
    var tables = new TreeMap<String, Set<String>>();
    var folder = "";
    var header = "";
    var section = "";
    for (var line : readme.lines().toList()) {
      if (line.startsWith("## ")) {
        section = line;
      }
      var named = FOLDER.matcher(line);
      while (named.find()) {
        folder = named.group(1);
      }
      if (!line.startsWith("|")) {
        header = "";
      } else if (header.isEmpty()) {
        header = line;
      } else if (section.equals("## Results")) {
        add(line, header, folder, tables);
      }
    }
    return tables;
  }

  private static void add(
      String line, String header, String folder, Map<String, Set<String>> tables) {
    var cells = line.split("\\|");
    if (header.equals("| columns | meaning |")) {
      tables.computeIfAbsent(folder, key -> new TreeSet<>()).addAll(names(cells[1]));
    } else if (header.equals("| table | columns |")) {
      names(cells[1])
          .forEach(
              table ->
                  tables.computeIfAbsent(table, key -> new TreeSet<>()).addAll(names(cells[2])));
    }
  }

  private static Set<String> names(String cell) {
    var names = new TreeSet<String>();
    var found = NAME.matcher(cell.replaceAll("\\([^)]*\\)", ""));
    while (found.find()) {
      names.add(found.group(1));
    }
    if (cell.contains("the versions")) {
      names.addAll(VERSIONS);
    }
    return names;
  }
}
