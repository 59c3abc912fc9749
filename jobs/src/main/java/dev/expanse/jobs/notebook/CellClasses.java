package dev.expanse.jobs.notebook;

import java.util.HashMap;
import java.util.Map;
import jdk.jshell.execution.LoaderDelegate;
import jdk.jshell.spi.ExecutionControl.ClassBytecodes;

/** The classes that cells were compiled to, beside those of the application. */
final class CellClasses extends ClassLoader implements LoaderDelegate {
  private final Map<String, byte[]> compiled = new HashMap<>();

  CellClasses(ClassLoader application) {
    super(application);
  }

  @Override
  public void load(ClassBytecodes[] classes) {
    classesRedefined(classes);
  }

  @Override
  public void classesRedefined(ClassBytecodes[] classes) {
    for (var each : classes) {
      compiled.put(each.name(), each.bytecodes());
    }
  }

  @Override
  public void addToClasspath(String path) {
    // only the compiler needs it: the application has loaded it
  }

  @Override
  public Class<?> findClass(String name) throws ClassNotFoundException {
    var loaded = findLoadedClass(name);
    if (loaded != null) {
      return loaded;
    }
    var bytes = compiled.get(name);
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
