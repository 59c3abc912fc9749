package dev.expanse.core.image;

import java.util.function.UnaryOperator;

/**
 * What a transform shows of an image, decided before the image is decoded.
 *
 * @param x where {@code columns} count from
 * @param y where {@code rows} count from
 * @param columns how the columns of the view come from those of the image
 * @param rows how the rows of the view come from those of the image
 * @param mirrored whether the left edge becomes the right one
 * @param colors what is done to the view's colours at last
 */
record View(
    int x,
    int y,
    Resampler.Axis columns,
    Resampler.Axis rows,
    boolean mirrored,
    UnaryOperator<RgbImage> colors) {

  /** The {@code window} of what {@code source} is once resized to {@code width x height} pixels. */
  static View of(
      Region source,
      int width,
      int height,
      Region window,
      boolean mirrored,
      UnaryOperator<RgbImage> colors) {
    return new View(
        source.x(),
        source.y(),
        Resampler.Axis.of(source.width(), width, window.x(), window.width()),
        Resampler.Axis.of(source.height(), height, window.y(), window.height()),
        mirrored,
        colors);
  }

  /** The part of the image that the view depends on. */
  Region needed() {
    int width = columns.end() - columns.start();
    int height = rows.end() - rows.start();
    return new Region(x + columns.start(), y + rows.start(), width, height);
  }

  /** The view, of a part of the image at {@code place}, which is at least what is needed. */
  RgbImage show(RgbImage part, Region place) {
    RgbImage resized = Resampler.resize(part, x - place.x(), y - place.y(), columns, rows);
    return colors.apply(mirrored ? resized.flipHorizontally() : resized);
  }
}
