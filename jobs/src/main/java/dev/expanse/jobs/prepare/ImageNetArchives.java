package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.TaskProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * The archives of ILSVRC2012 as they are downloaded. The one of training images has an archive of
 * each class; the one of validation images is flat, and the devkit has their classes.
 *
 * @param folder where the archives are
 * @param devkit where the devkit is, if it is not in the folder
 */
record ImageNetArchives(Path folder, Optional<Path> devkit) implements Source {
  static final String TRAIN = "ILSVRC2012_img_train.tar";
  static final String VALIDATION = "ILSVRC2012_img_val.tar";

  private static final String ARCHIVE = ".tar";
  private static final Pattern VALIDATION_IMAGE = Pattern.compile("ILSVRC2012_val_(\\d{8})\\.JPEG");

  @Override
  public ClassList usualClasses() {
    return ClassList.read(ClassList.CMC);
  }

  @Override
  public Listing list(Workplace at, ClassList classes) {
    var images = new ArrayList<ImageRef>();
    Map<String, String> names = Map.of();
    var validation = new Path(folder, VALIDATION);
    if (at.storage().exists(validation)) {
      var kit = Devkit.read(at.storage(), devkit.orElse(new Path(folder, Devkit.FILE)));
      names = kit.names();
      images.addAll(validationImages(at, validation, kit.truth(), classes));
    }
    var train = new Path(folder, TRAIN);
    if (at.storage().exists(train)) {
      images.addAll(trainingImages(at, train, classes));
    }
    return new Listing(images, List.of(), names);
  }

  private static List<ImageRef> trainingImages(Workplace at, Path train, ClassList classes) {
    var hadoop = at.hadoop();
    var archives = new ArrayList<TarIndex.Member>();
    for (var member : members(at, train)) {
      if (!member.fileName().endsWith(ARCHIVE)) {
        throw InvalidInputException.of(
            "%s: %s: expected an archive of each class, such as n01440764.tar",
            train, member.name());
      }
      if (classes.has(classOf(member))) {
        archives.add(member);
      }
    }
    if (archives.isEmpty()) {
      return List.of();
    }
    int tasks = Math.min(archives.size(), 4 * at.tasks());
    return each(
        at,
        archives,
        tasks,
        "reading the headers of " + archives.size() + " archives",
        archive ->
            TarIndex.of(new Storage(hadoop.value().value()), archive).stream()
                .map(image -> trainingImage(classOf(archive), image))
                .iterator());
  }

  private static String classOf(TarIndex.Member archive) {
    return archive.fileName().substring(0, archive.fileName().length() - ARCHIVE.length());
  }

  private static ImageRef trainingImage(String className, TarIndex.Member image) {
    var name = Dataset.TRAIN + "/" + className + "/" + image.fileName();
    return new ImageRef(
        name, Dataset.TRAIN, className, image.archive(), image.offset(), image.length());
  }

  private static List<ImageRef> validationImages(
      Workplace at, Path validation, List<String> truth, ClassList classes) {
    var members = members(at, validation);
    if (members.size() != truth.size()) {
      throw InvalidInputException.of(
          "%s: has %,d images, expected the %,d that the devkit has classes of",
          validation, members.size(), truth.size());
    }
    var images = new ArrayList<ImageRef>();
    for (var member : members) {
      var name = VALIDATION_IMAGE.matcher(member.fileName());
      int number = name.matches() ? Integer.parseInt(name.group(1)) : 0;
      if (number < 1 || number > truth.size()) {
        throw InvalidInputException.of(
            "%s: %s: expected ILSVRC2012_val_00000001.JPEG and so on, up to %08d",
            validation, member.name(), truth.size());
      }
      var className = truth.get(number - 1);
      if (classes.has(className)) {
        images.add(
            new ImageRef(
                Dataset.VALIDATION + "/" + className + "/" + member.fileName(),
                Dataset.VALIDATION,
                className,
                member.archive(),
                member.offset(),
                member.length()));
      }
    }
    return images;
  }

  private static List<TarIndex.Member> members(Workplace at, Path archive) {
    var hadoop = at.hadoop();
    return each(
        at,
        List.of(at.storage().qualified(archive).toString()),
        1,
        "reading the headers of " + archive.getName(),
        path -> TarIndex.of(new Storage(hadoop.value().value()), new Path(path)).iterator());
  }

  private static <T, R> List<R> each(
      Workplace at, List<T> items, int tasks, String what, FlatMapFunction<T, R> work) {
    return TaskProgress.during(
        at.context(), what, () -> at.context().parallelize(items, tasks).flatMap(work).collect());
  }
}
