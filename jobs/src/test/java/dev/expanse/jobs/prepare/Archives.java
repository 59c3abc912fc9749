package dev.expanse.jobs.prepare;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Sinks;

/** Archives for tests, among them those of ILSVRC2012 with fewer and smaller images. */
final class Archives {
  private Archives() {}

  /** The files below a folder by their paths in it, sorted. */
  static TreeMap<String, byte[]> files(Path root) {
    try (var paths = Files.walk(root)) {
      return paths
          .filter(Files::isRegularFile)
          .collect(
              Collectors.toMap(
                  path -> root.relativize(path).toString(),
                  Archives::bytes,
                  (a, b) -> a,
                  TreeMap::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A tar archive of files by name. */
  static byte[] tar(Map<String, byte[]> files) {
    var bytes = new ByteArrayOutputStream();
    write(files, bytes);
    return bytes.toByteArray();
  }

  /** A gzipped tar archive of files by name. */
  static byte[] tarGz(Map<String, byte[]> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zipped = new GZIPOutputStream(bytes)) {
      write(files, zipped);
    }
    return bytes.toByteArray();
  }

  private static void write(Map<String, byte[]> files, OutputStream out) {
    try (var tar = new TarArchiveOutputStream(new BufferedOutputStream(out))) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (var file : files.entrySet()) {
        var entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes what the ILSVRC2012 downloads are: the archive of training archives, the flat one of
   * validation images and the devkit.
   *
   * @param images class folders in {@code train} and {@code val}
   * @param wnids the ids that the classes get, sorted as the class folders are
   * @return {@code folder}
   */
  static Path imageNet(Path images, List<String> wnids, Path folder) throws IOException {
    var classes = new ArrayList<String>();
    var train = new TreeMap<String, byte[]>();
    var val = new TreeMap<String, byte[]>();
    var truth = new StringBuilder();
    for (var name : files(images).keySet()) {
      var parts = name.split("/");
      if (!classes.contains(parts[1])) {
        classes.add(parts[1]);
      }
      var id = wnids.get(classes.indexOf(parts[1]));
      if (parts[0].equals("val")) {
        val.put("ILSVRC2012_val_%08d.JPEG".formatted(val.size() + 1), bytes(images.resolve(name)));
        truth.append(number(wnids.indexOf(id))).append('\n');
      }
    }
    for (int label = 0; label < classes.size(); label++) {
      var id = wnids.get(label);
      var ofClass = new TreeMap<String, byte[]>();
      files(images.resolve("train").resolve(classes.get(label)))
          .forEach((name, file) -> ofClass.put(id + "_" + name.replace(".jpg", ".JPEG"), file));
      train.put(id + ".tar", tar(ofClass));
    }
    Files.createDirectories(folder);
    Files.write(folder.resolve("ILSVRC2012_img_train.tar"), tar(train));
    Files.write(folder.resolve("ILSVRC2012_img_val.tar"), tar(val));
    Files.write(folder.resolve("ILSVRC2012_devkit_t12.tar.gz"), devkit(wnids, truth.toString()));
    return folder;
  }

  /** The challenge's numbers are in no order of the ids: here the last class has number 1. */
  private static int number(int label) {
    return 1000 - label;
  }

  private static byte[] devkit(List<String> wnids, String truth) throws IOException {
    int groups = 2;
    var synsets = Mat5.newStruct(wnids.size() + groups, 1);
    for (int i = 0; i < wnids.size() + groups; i++) {
      boolean leaf = i < wnids.size();
      synsets.set("ILSVRC2012_ID", i, Mat5.newScalar(leaf ? number(i) : 1001 + i));
      synsets.set("WNID", i, Mat5.newString(leaf ? wnids.get(i) : "n0000000" + i));
      synsets.set("words", i, Mat5.newString(leaf ? "class " + wnids.get(i) : "a group"));
    }
    var file = Files.createTempFile("meta", ".mat");
    try {
      try (var sink = Sinks.newStreamingFile(file.toFile());
          var mat = Mat5.newMatFile().addArray("synsets", synsets)) {
        mat.writeTo(sink);
      }
      return tarGz(
          Map.of(
              "ILSVRC2012_devkit_t12/readme.txt",
              "read me".getBytes(StandardCharsets.US_ASCII),
              "ILSVRC2012_devkit_t12/data/meta.mat",
              bytes(file),
              "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt",
              truth.getBytes(StandardCharsets.US_ASCII)));
    } finally {
      Files.delete(file);
    }
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
