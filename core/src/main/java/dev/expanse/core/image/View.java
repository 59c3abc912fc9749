package dev.expanse.core.image;

import java.util.function.UnaryOperator;

/**
 * What a transform shows of an image, decided before the image is decoded: {@code source} is
 * resized to {@code width x height} pixels, {@code window} of that is kept and perhaps mirrored,
 * and its colours are changed at last.
 */
record View(
    Region source,
    int width,
    int height,
    Region window,
    boolean mirrored,
    UnaryOperator<RgbImage> colors) {

  /** The part of the image that the window depends on. */
  Region needed() {
    Resampler.Axis columns = columns();
    Resampler.Axis rows = rows();
    return new Region(
        source.x() + columns.start(),
        source.y() + rows.start(),
        columns.end() - columns.start(),
        rows.end() - rows.start());
  }

  /** The view, of the part of the image that is {@link #needed}. */
  RgbImage of(RgbImage needed) {
    return of(needed, needed());
  }

  /** The view, of a part of the image that is at least what is {@link #needed}. */
  RgbImage of(RgbImage part, Region place) {
    int x = source.x() - place.x();
    int y = source.y() - place.y();
    RgbImage resized = Resampler.resize(part, x, y, columns(), rows());
    return colors.apply(mirrored ? resized.flipHorizontally() : resized);
  }

  private Resampler.Axis columns() {
    return Resampler.Axis.of(source.width(), width, window.x(), window.width());
  }

  private Resampler.Axis rows() {
    return Resampler.Axis.of(source.height(), height, window.y(), window.height());
  }
}
