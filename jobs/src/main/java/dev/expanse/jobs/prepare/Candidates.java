package dev.expanse.jobs.prepare;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.Dataset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What may become a dataset: images that nobody has looked at yet, in splits of the same classes.
 *
 * @param classes class ids in the order of their labels: sorted, or as the source has them
 * @param splits the images of each split, sorted by name, so that nothing depends on how they were
 *     found
 */
record Candidates(List<String> classes, Map<String, List<ImageRef>> splits) {
  private static final double USUAL_SHARE = 0.1;
  private static final int SHOWN = 3;

  /**
   * Deals the images of a source to splits.
   *
   * @param input the source's name in messages
   * @param valShare the share of the images that becomes the split {@code val}, if there is none
   * @throws InvalidInputException if a class of the list is missing, splits differ in their
   *     classes, two images have one name, or {@code valShare} is given and there is a {@code val}
   */
  static Candidates of(
      Source.Listing listing, ClassList list, String input, OptionalDouble valShare) {
    var found = new TreeSet<String>();
    var bySplit = new TreeMap<String, List<ImageRef>>();
    listing.images().stream()
        .sorted(Comparator.comparing(ImageRef::name))
        .forEach(
            image -> {
              found.add(image.className());
              bySplit.computeIfAbsent(image.split(), s -> new ArrayList<>()).add(image);
            });
    requireListed(list, found, input);
    if (found.size() < 2) {
      throw InvalidInputException.of(
          "input = %s: has images of %d classes, expected at least two", input, found.size());
    }
    bySplit.values().forEach(images -> requireDifferentNames(images, input));
    var splits = new LinkedHashMap<String, List<ImageRef>>();
    if (bySplit.containsKey(Dataset.VALIDATION)) {
      if (valShare.isPresent()) {
        throw InvalidInputException.of(
            "--val-share = %s: expected with an input without a split val only, %s has one",
            valShare.getAsDouble(), input);
      }
    } else {
      divide(bySplit, valShare.orElse(USUAL_SHARE));
    }
    Splits.ALL.stream()
        .filter(bySplit::containsKey)
        .forEach(split -> splits.put(split, bySplit.get(split)));
    requireSameClasses(splits, input);
    var classes = listing.order().isEmpty() ? List.copyOf(found) : listing.order();
    return new Candidates(classes.stream().filter(found::contains).toList(), splits);
  }

  /** How many images there are. */
  long count() {
    return splits.values().stream().mapToLong(List::size).sum();
  }

  /**
   * Moves a share of each class's training images to {@code val}: those whose names have the
   * smallest hashes, whatever the seed.
   */
  private static void divide(Map<String, List<ImageRef>> bySplit, double share) {
    var all = bySplit.remove(Splits.NONE);
    if (all == null) {
      all = bySplit.remove(Dataset.TRAIN);
    }
    if (all == null) {
      return; // a split test alone
    }
    var train = new ArrayList<ImageRef>();
    var val = new ArrayList<ImageRef>();
    var ofClass = all.stream().collect(Collectors.groupingBy(ImageRef::className));
    ofClass.forEach(
        (name, images) -> {
          images.sort(Comparator.comparingLong(image -> NameHash.of(image.name())));
          int count = share == 0 ? 0 : (int) Math.max(1, Math.round(share * images.size()));
          if (count == images.size()) {
            throw InvalidInputException.of(
                "--val-share = %s: expected a smaller share, for the class %s has %d images",
                share, name, images.size());
          }
          images.subList(0, count).forEach(image -> val.add(image.inSplit(Dataset.VALIDATION)));
          images.subList(count, images.size()).forEach(i -> train.add(i.inSplit(Dataset.TRAIN)));
        });
    train.sort(Comparator.comparing(ImageRef::name));
    val.sort(Comparator.comparing(ImageRef::name));
    bySplit.put(Dataset.TRAIN, train);
    if (!val.isEmpty()) {
      bySplit.put(Dataset.VALIDATION, val);
    }
  }

  private static void requireListed(ClassList list, Collection<String> found, String input) {
    var missing = new ArrayList<>(list.names().keySet());
    missing.removeAll(found);
    if (!missing.isEmpty()) {
      throw InvalidInputException.of(
          "--classes = %s: %s has no images of %d of its %d classes: %s%s",
          list.name(),
          input,
          missing.size(),
          list.names().size(),
          some(missing),
          missing.size() > SHOWN ? " and more" : "");
    }
  }

  private static void requireDifferentNames(List<ImageRef> sorted, String input) {
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).name().equals(sorted.get(i - 1).name())) {
        throw InvalidInputException.of(
            "input = %s: two images are called %s, expected different names",
            input, sorted.get(i).name());
      }
    }
  }

  private static void requireSameClasses(Map<String, List<ImageRef>> splits, String input) {
    String first = null;
    var expected = new TreeSet<String>();
    for (var split : splits.entrySet()) {
      var names = new TreeSet<String>();
      split.getValue().forEach(image -> names.add(image.className()));
      if (first == null) {
        first = split.getKey();
        expected.addAll(names);
      } else if (!names.equals(expected)) {
        var difference = new ArrayList<>(names);
        difference.removeAll(expected);
        var missing = new ArrayList<>(expected);
        missing.removeAll(names);
        throw InvalidInputException.of(
            "%s/%s: has %d classes, expected the %d of %s (only here: %s, only there: %s)",
            input,
            split.getKey(),
            names.size(),
            expected.size(),
            first,
            some(difference),
            some(missing));
      }
    }
  }

  private static String some(List<String> names) {
    return names.isEmpty()
        ? "none"
        : String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
  }
}
