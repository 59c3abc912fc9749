package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.TaskProgress;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tar archive of class folders, {@code [prefix/]split/class/file} or {@code [prefix/]class/file}.
 * A gzipped one is unzipped first, by one task, for only then has it places that can be read.
 *
 * @param file the archive
 * @param gzipped whether it is compressed
 */
record TarArchive(Path file, boolean gzipped) implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(TarArchive.class);
  private static final int BUFFER = 1 << 20;

  /** What comes before the class in a member's path. */
  private record Place(String prefix, boolean inSplit) {}

  private record Placed(Place place, ImageRef image) {}

  @Override
  public Listing list(Workplace at, ClassList classes) {
    var hadoop = at.hadoop();
    var archive = gzipped ? unzipped(at) : at.storage().qualified(file).toString();
    var members =
        TaskProgress.during(
            at.context(),
            "reading the headers of " + file.getName(),
            () ->
                at.context()
                    .parallelize(List.of(archive), 1)
                    .flatMap(
                        path ->
                            TarIndex.of(new Storage(hadoop.value().value()), new Path(path))
                                .iterator())
                    .collect());
    var images = images(members);
    return new Listing(images.stream().filter(i -> classes.has(i.className())).toList());
  }

  private String unzipped(Workplace at) {
    var hadoop = at.hadoop();
    var target = new Path(at.staging(), file.getName() + "-" + UUID.randomUUID()).toString();
    var source = at.storage().qualified(file).toString();
    return TaskProgress.during(
        at.context(),
        "unzipping " + file.getName(),
        () ->
            at.context()
                .parallelize(List.of(source), 1)
                .map(zipped -> unzip(new Storage(hadoop.value().value()), zipped, target))
                .first());
  }

  private static String unzip(Storage storage, String source, String target) {
    var from = new Path(source);
    var to = new Path(target);
    try (var in = new GzipCompressorInputStream(storage.fileSystem(from).open(from, BUFFER), true);
        var out = storage.fileSystem(to).create(to, true)) {
      in.transferTo(out);
      return target;
    } catch (EOFException e) {
      throw new InvalidInputException(
          source + ": expected a whole gzipped archive: it is cut off", e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s: expected a whole gzipped archive: %s".formatted(source, e.getMessage()), e);
    }
  }

  private List<ImageRef> images(List<TarIndex.Member> members) {
    var places = new LinkedHashMap<Place, List<ImageRef>>();
    for (var member : members) {
      placed(member)
          .ifPresent(p -> places.computeIfAbsent(p.place(), x -> new ArrayList<>()).add(p.image()));
    }
    if (places.isEmpty()) {
      throw InvalidInputException.of(
          "%s: expected images at split/class/file or class/file, found none", file);
    }
    boolean inSplits = places.keySet().stream().anyMatch(Place::inSplit);
    var best =
        places.entrySet().stream()
            .filter(e -> e.getKey().inSplit() == inSplits)
            .max(Map.Entry.comparingByValue((a, b) -> Integer.compare(a.size(), b.size())))
            .orElseThrow();
    requireOnePlace(places, best.getKey(), best.getValue().get(0));
    return best.getValue();
  }

  /** Read-me files and the like may lie above the classes; other images may not be passed over. */
  private void requireOnePlace(
      Map<Place, List<ImageRef>> places, Place best, ImageRef bestExample) {
    places.forEach(
        (place, images) -> {
          var example = images.get(0).name();
          if (place.equals(best)) {
            return;
          }
          if (place.inSplit() == best.inSplit() && depth(place) >= depth(best)) {
            throw InvalidInputException.of(
                "%s: expected all classes in one folder, found %s%s and %s%s",
                file, best.prefix(), bestExample.name(), place.prefix(), example);
          }
          LOG.warn(
              "{}: {} files outside of the class folders are passed over, such as {}{}",
              file,
              images.size(),
              place.prefix(),
              example);
        });
  }

  private static long depth(Place place) {
    return place.prefix().chars().filter(c -> c == '/').count();
  }

  private static Optional<Placed> placed(TarIndex.Member member) {
    var parts = member.name().split("/");
    int classAt = parts.length - 2;
    if (classAt < 0) {
      return Optional.empty();
    }
    var split = classAt > 0 ? Splits.ofFolder(parts[classAt - 1]) : Optional.<String>empty();
    int from = split.isPresent() ? classAt - 1 : classAt;
    var prefix = new StringBuilder();
    for (int i = 0; i < from; i++) {
      prefix.append(parts[i]).append('/');
    }
    var image =
        new ImageRef(
            member.name().substring(prefix.length()),
            split.orElse(Splits.NONE),
            parts[classAt],
            member.archive(),
            member.offset(),
            member.length());
    return Optional.of(new Placed(new Place(prefix.toString(), split.isPresent()), image));
  }
}
