package dev.expanse.jobs.notebook;

import dev.expanse.core.config.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.execution.LocalExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * Runs the cells of a notebook one after another in this JVM, as JShell does, with the class path
 * of the application. What a cell prints, and what it shows with {@link Display}, is put into it.
 */
public final class NotebookRun implements AutoCloseable {
  private final JShell shell;

  /** A run in which nothing is known yet. */
  public NotebookRun() {
    var application = Thread.currentThread().getContextClassLoader();
    shell = JShell.builder().executionEngine(new InThisJvm(application), Map.of()).build();
    classPath(application).forEach(shell::addToClasspath);
  }

  /** Makes a text known to the cells under a name. */
  public void define(String name, String value) {
    var literal = value.replace("\\", "\\\\").replace("\"", "\\\"");
    evaluate("String " + name + " = \"" + literal + "\";", "before the first cell");
  }

  /**
   * Runs all cells of code.
   *
   * @param source where the notebook comes from, for the message
   * @throws InvalidInputException if a cell does not compile or fails, which says which one and why
   */
  public void run(Notebook notebook, String source) {
    int count = 0;
    for (var cell : notebook.code()) {
      count++;
      var before = System.out;
      var printed = new ByteArrayOutputStream();
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      try {
        evaluate(cell.source(), source + ", cell of code " + count);
      } finally {
        System.setOut(before);
      }
      cell.put(count, printed.toString(StandardCharsets.UTF_8), Display.take());
    }
  }

  private void evaluate(String code, String place) {
    var rest = code;
    while (!rest.isBlank()) {
      var next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      if (!next.completeness().isComplete()) {
        throw InvalidInputException.of("%s: is not complete: %s", place, rest.strip());
      }
      for (var event : shell.eval(next.source())) {
        check(event, place);
      }
      rest = next.remaining();
    }
  }

  private void check(SnippetEvent event, String place) {
    if (event.status() == Snippet.Status.REJECTED) {
      var reasons =
          shell
              .diagnostics(event.snippet())
              .map(diagnostic -> diagnostic.getMessage(null).replace('\n', ' '))
              .collect(Collectors.joining("; "));
      throw InvalidInputException.of(
          "%s: does not compile: %s: %s", place, event.snippet().source().strip(), reasons);
    }
    if (event.exception() != null) {
      var type =
          event.exception() instanceof EvalException thrown
              ? thrown.getExceptionClassName() + ": "
              : "";
      throw new InvalidInputException(
          place + ": " + type + event.exception().getMessage(), event.exception());
    }
  }

  /** What the JVM was started with, and what was added to it, as spark-submit does. */
  private static List<String> classPath(ClassLoader application) {
    var path =
        new ArrayList<>(List.of(System.getProperty("java.class.path").split(File.pathSeparator)));
    for (var loader = application; loader != null; loader = loader.getParent()) {
      if (loader instanceof URLClassLoader urls) {
        for (URL url : urls.getURLs()) {
          if (url.getProtocol().equals("file")) {
            path.add(Path.of(URI.create(url.toString())).toString());
          }
        }
      }
    }
    return path;
  }

  @Override
  public void close() {
    shell.close();
  }

  private record InThisJvm(ClassLoader application) implements ExecutionControlProvider {
    @Override
    public String name() {
      return "this JVM";
    }

    @Override
    public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
      return new LocalExecutionControl(new CellClasses(application));
    }
  }
}
