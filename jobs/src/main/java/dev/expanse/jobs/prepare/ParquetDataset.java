package dev.expanse.jobs.prepare;

import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.DatasetDescription;
import dev.expanse.jobs.data.LabelledImage;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.TaskProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.hadoop.fs.Path;

/**
 * A dataset that is one already: one that {@code prepare} has written, or a folder of shards from
 * the Hugging Face hub. Classes keep the order of their labels. A shard cannot be read in any order
 * at a fair price, so its images are laid out in plain files first.
 *
 * @param folder the dataset
 */
record ParquetDataset(Path folder) implements Source {

  @Override
  public Listing list(Workplace at, ClassList classes) {
    var dataset = Dataset.open(at.spark(), folder.toString(), at.staging());
    var ids = dataset.classes();
    var images = new ArrayList<ImageRef>();
    for (var split : Splits.ALL) {
      if (dataset.has(split)) {
        images.addAll(staged(at, dataset, split, classes));
      }
    }
    return new Listing(images, ids, names(at.storage()));
  }

  private Map<String, String> names(Storage storage) {
    var file = new Path(folder, Dataset.DESCRIPTION);
    var names = new HashMap<String, String>();
    if (storage.exists(file)) {
      var description = DatasetDescription.parse(storage.read(file), file.toString());
      for (int label = 0; label < description.classes().size(); label++) {
        names.put(description.classes().get(label), description.classNames().get(label));
      }
    }
    return names;
  }

  private static List<ImageRef> staged(
      Workplace at, Dataset dataset, String split, ClassList classes) {
    var hadoop = at.hadoop();
    var folder = at.staging().toString();
    var ids = new ArrayList<>(dataset.classes());
    return TaskProgress.during(
        at.context(),
        "laying out the images of " + split,
        () ->
            dataset
                .images(split)
                .filter(image -> classes.has(ids.get(image.label())))
                .mapPartitions(
                    images ->
                        stage(new Storage(hadoop.value().value()), folder, split, ids, images))
                .collect());
  }

  private static Iterator<ImageRef> stage(
      Storage storage,
      String folder,
      String split,
      List<String> ids,
      Iterator<LabelledImage> images) {
    var file = StagingFile.ofTask(storage, folder);
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(images, 0), false)
        .map(
            image -> {
              var id = ids.get(image.label());
              var ref = new ImageRef(image.path(), split, id, "", 0, image.bytes().length);
              return file.add(ref, image.bytes());
            })
        .iterator();
  }
}
