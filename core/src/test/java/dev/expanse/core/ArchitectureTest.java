package dev.expanse.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.expanse.core", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String OWN = "dev.expanse.core..";

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.expanse.core.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule networksKnowNoEngine =
      classes()
          .that()
          .resideInAPackage("..core.network..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("..core.network..", "..core.config..", "com.typesafe..", "java..");

  @ArchTest
  static final ArchRule complexityReadsNetworksOnly =
      classes()
          .that()
          .resideInAPackage("..core.complexity..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("..core.complexity..", "..core.network..", "java..");

  @ArchTest
  static final ArchRule imagesStandAlone =
      noClasses()
          .that()
          .resideInAPackage("..core.image..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..core.network..",
              "..core.config..",
              "..core.dl4j..",
              "..core.latency..",
              "org.nd4j..");

  @ArchTest
  static final ArchRule coreKnowsNeitherSparkNorJobs =
      noClasses()
          .that()
          .resideInAPackage(OWN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "dev.expanse.jobs..");

  @ArchTest
  static final ArchRule deeplearning4jStaysInItsPackage =
      only("org.deeplearning4j..").in("..core.dl4j..");

  @ArchTest
  static final ArchRule nd4jIsWhatEnginesComputeOn =
      only("org.nd4j..").in("..core.dl4j..", "..core.onednn..", "..core.onnx..");

  @ArchTest
  static final ArchRule onnxReadsNetworksOnly =
      classes()
          .that()
          .resideInAPackage("..core.onnx..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "..core.onnx..",
              "..core.network..",
              "ai.onnxruntime..",
              "onnx..",
              "org.nd4j.shade.protobuf..", // whose messages ONNX's are
              "java..");

  @ArchTest
  static final ArchRule onnxRuntimeStaysInItsPackage = only("ai.onnxruntime..").in("..core.onnx..");

  @ArchTest
  static final ArchRule oneDnnStaysInItsPackage = only("org.bytedeco..").in("..core.onednn..");

  @ArchTest
  static final ArchRule oneDnnKnowsNoLayers =
      noClasses()
          .that()
          .resideInAPackage("..core.onednn..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..core.dl4j..", "..core.latency..");

  private static Library only(String library) {
    return new Library(library);
  }

  /** A library, and the packages that may use it. */
  private record Library(String name) {
    ArchRule in(String... packages) {
      return noClasses()
          .that()
          .resideInAPackage(OWN)
          .and()
          .resideOutsideOfPackages(packages)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(name);
    }
  }
}
