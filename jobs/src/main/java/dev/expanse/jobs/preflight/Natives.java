package dev.expanse.jobs.preflight;

import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.factory.Nd4j;

/** What the application's build of ND4J's natives needs of a processor. */
final class Natives {
  private static final List<String> BUILDS = List.of("avx512", "avx2");
  private static final List<String> EXTENSIONS = List.of("-onednn-", "-");

  private Natives() {}

  /**
   * Why they would end the process, if so: they are made of instructions that it lacks. To be asked
   * before they are loaded.
   *
   * @param features of the processor, as Linux names them; empty if unknown
   */
  static Optional<String> lacking(List<String> features) {
    if (features.isEmpty()) {
      return Optional.empty();
    }
    return BUILDS.stream()
        .filter(Natives::isBuiltFor)
        .filter(build -> features.stream().noneMatch(feature -> feature.startsWith(build)))
        .map(build -> "ND4J's natives are built for " + build + ", which the processor lacks")
        .findFirst();
  }

  private static boolean isBuiltFor(String build) {
    var folder = "/org/nd4j/linalg/cpu/nativecpu/bindings/" + Loader.getPlatform();
    return EXTENSIONS.stream()
        .map(extension -> folder + extension + build + "/libnd4jcpu.so")
        .anyMatch(library -> Nd4j.class.getResource(library) != null);
  }
}
