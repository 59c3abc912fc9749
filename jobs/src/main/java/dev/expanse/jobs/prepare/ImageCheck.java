package dev.expanse.jobs.prepare;

import dev.expanse.core.config.Sha256;
import dev.expanse.core.image.ImageDecodeException;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.TaskProgress;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Spliterators;
import java.util.stream.StreamSupport;

/**
 * Looks at every image, one at a time in each task. What becomes another file is laid out in the
 * staging folder, so that it need not be made twice.
 *
 * @param form what a good image is written as
 * @param sample the images whose brightness is wanted
 */
record ImageCheck(StoredForm form, ChannelMoments.Sample sample) implements Serializable {
  /** More than any image of ImageNet has, and few enough to hold. */
  private static final int MOST_BYTES = 1 << 26;

  /**
   * What was found: for a good image the hash of what will be written, where that is if it is not
   * the image itself, and its brightness if it is in the sample; for a bad one the reason.
   */
  record Finding(String sha256, ImageRef smaller, ChannelMoments moments, String reason)
      implements Serializable {
    boolean good() {
      return reason == null;
    }

    private static Finding bad(String reason) {
      return new Finding(null, null, null, reason);
    }
  }

  /** What was found, in the order of the images. */
  List<Finding> of(Workplace at, List<ImageRef> images) {
    var hadoop = at.hadoop();
    var staging = at.staging().toString();
    return TaskProgress.during(
        at.context(),
        "looking at " + images.size() + " images",
        () ->
            at.context()
                .parallelize(images, at.tasksFor(images.size()))
                .mapPartitions(part -> of(part, new Storage(hadoop.value().value()), staging))
                .collect());
  }

  private Iterator<Finding> of(Iterator<ImageRef> images, Storage storage, String staging) {
    var ranges = ByteRanges.ofTask(storage);
    var smaller = StagingFile.ofTask(storage, staging);
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(images, 0), false)
        .map(image -> of(image, ranges, smaller))
        .iterator();
  }

  private Finding of(ImageRef image, ByteRanges ranges, StagingFile smaller) {
    if (image.length() > MOST_BYTES) {
      return Finding.bad(
          String.format(
              Locale.ROOT, "%,d bytes, more than the limit of %,d", image.length(), MOST_BYTES));
    }
    try {
      var file = ranges.read(image);
      var stored = form.of(file);
      var moments = sample.has(image) ? ChannelMoments.of(stored.image()) : null;
      var other = stored.bytes() == file ? null : smaller.add(image, stored.bytes());
      return new Finding(Sha256.of(stored.bytes()), other, moments, null);
    } catch (ImageDecodeException e) {
      return Finding.bad(e.getMessage());
    }
  }
}
