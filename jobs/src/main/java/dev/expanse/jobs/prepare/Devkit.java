package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.hadoop.fs.Path;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Sources;
import us.hebi.matlab.mat.types.Struct;

/**
 * What the development kit of ILSVRC2012 says.
 *
 * @param names what the 1,000 classes are called, by WordNet id
 * @param truth the WordNet id of each validation image, in the order of their numbers
 */
record Devkit(Map<String, String> names, List<String> truth) {
  static final String FILE = "ILSVRC2012_devkit_t12.tar.gz";

  private static final String TRUTH = "data/ILSVRC2012_validation_ground_truth.txt";
  private static final String META = "data/meta.mat";
  private static final int CLASSES = 1000; // greater numbers are groups of classes

  private record Synsets(Map<Integer, String> ids, Map<String, String> names) {}

  /**
   * Reads the kit.
   *
   * @param file {@code ILSVRC2012_devkit_t12.tar.gz}
   * @throws InvalidInputException if it is missing, or is no such kit
   */
  static Devkit read(Storage storage, Path file) {
    if (!storage.exists(file)) {
      throw InvalidInputException.of(
          "%s: no such file, expected ImageNet's devkit, which has the validation images' classes",
          file);
    }
    byte[] truth = null;
    byte[] meta = null;
    try (var tar =
        new TarArchiveInputStream(
            new GzipCompressorInputStream(storage.fileSystem(file).open(file), true))) {
      for (var entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
        if (entry.getName().endsWith(TRUTH)) {
          truth = tar.readAllBytes();
        } else if (entry.getName().endsWith(META)) {
          meta = tar.readAllBytes();
        }
      }
      if (truth == null || meta == null) {
        throw new EOFException("it has no " + (truth == null ? TRUTH : META));
      }
      return of(truth, synsets(meta), file);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(file + ": expected ImageNet's devkit: " + e.getMessage(), e);
    }
  }

  private static Devkit of(byte[] truth, Synsets synsets, Path file) {
    var ids = new ArrayList<String>();
    for (var line : new String(truth, StandardCharsets.US_ASCII).lines().toList()) {
      var number = line.strip();
      if (number.isEmpty()) {
        continue;
      }
      var id = number.matches("\\d{1,4}") ? synsets.ids().get(Integer.valueOf(number)) : null;
      if (id == null) {
        throw InvalidInputException.of(
            "%s: %s, line %d: %s: expected the number of a class in %s",
            file, TRUTH, ids.size() + 1, number, META);
      }
      ids.add(id);
    }
    return new Devkit(synsets.names(), ids);
  }

  private static Synsets synsets(byte[] meta) throws IOException {
    var ids = new HashMap<Integer, String>();
    var names = new HashMap<String, String>();
    try (var source = Sources.wrapInputStream(new ByteArrayInputStream(meta), meta.length);
        var mat = Mat5.newReader(source).readMat()) {
      Struct synsets = mat.getStruct("synsets");
      for (int i = 0; i < synsets.getNumElements(); i++) {
        int number = synsets.getMatrix("ILSVRC2012_ID", i).getInt(0);
        if (number >= 1 && number <= CLASSES) {
          var id = synsets.getChar("WNID", i).getString();
          ids.put(number, id);
          names.put(id, synsets.getChar("words", i).getString());
        }
      }
    }
    return new Synsets(ids, names);
  }
}
