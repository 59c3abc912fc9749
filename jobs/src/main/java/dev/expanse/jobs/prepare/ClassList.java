package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which classes a dataset has, and what they are called.
 *
 * @param name the list's name or file
 * @param names class ids with their names; empty if every class is taken
 */
record ClassList(String name, Map<String, String> names) implements Serializable {
  /** The classes of "Contrastive Multiview Coding", which most papers call ImageNet100. */
  static final String CMC = "cmc";

  /** The classes of Kaggle's ImageNet100, of which 8 are CMC's too. */
  static final String KAGGLE = "kaggle";

  /** Every class that the input has. */
  static final ClassList ALL = new ClassList("all", Map.of());

  private static final List<String> SHIPPED = List.of(CMC, KAGGLE);
  private static final Map<String, String> IMAGENET = shipped("ilsvrc2012").names();

  /**
   * Reads a list.
   *
   * @param nameOrPath {@code cmc}, {@code kaggle}, {@code all}, or a file with a class id a line,
   *     optionally followed by spaces and a name; {@code #} begins a comment line
   * @throws InvalidInputException if there is none, or it has not two classes, or one twice
   */
  static ClassList read(String nameOrPath) {
    if (nameOrPath.equals(ALL.name())) {
      return ALL;
    }
    if (SHIPPED.contains(nameOrPath)) {
      return shipped(nameOrPath);
    }
    try {
      return parse(Files.readString(Path.of(nameOrPath)), nameOrPath);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(
          "--classes = %s: no such file, expected one or one of %s, %s"
              .formatted(nameOrPath, String.join(", ", SHIPPED), ALL.name()),
          e);
    } catch (IOException e) {
      throw new InvalidInputException(nameOrPath + ": expected a text file in UTF-8", e);
    }
  }

  /** True if images of this class are taken. */
  boolean has(String id) {
    return names.isEmpty() || names.containsKey(id);
  }

  /**
   * What a class is called: as this list says, or else as the source says, or as ImageNet's 1,000
   * classes are called, or its id.
   */
  String nameOf(String id, Map<String, String> sourceNames) {
    var own = names.getOrDefault(id, "");
    if (!own.isEmpty()) {
      return own;
    }
    return sourceNames.getOrDefault(id, IMAGENET.getOrDefault(id, id));
  }

  private static ClassList shipped(String name) {
    var resource = "/dev/expanse/jobs/classes/" + name + ".txt";
    try (var in = ClassList.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("The application jar has no " + resource);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClassList parse(String text, String source) {
    var names = new LinkedHashMap<String, String>();
    int number = 0;
    for (var line : text.lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      var words = line.split("\\s+", 2);
      if (names.put(words[0], words.length > 1 ? words[1] : "") != null) {
        throw InvalidInputException.of(
            "%s, line %d: %s: is listed twice, expected every class once",
            source, number, words[0]);
      }
    }
    if (names.size() < 2) {
      throw InvalidInputException.of(
          "%s: %d classes, expected at least two, one id a line", source, names.size());
    }
    return new ClassList(source, names);
  }
}
