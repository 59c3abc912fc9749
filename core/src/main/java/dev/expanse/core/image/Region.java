package dev.expanse.core.image;

/** A rectangle within an image, in pixels. */
record Region(int x, int y, int width, int height) {

  static Region whole(int width, int height) {
    return new Region(0, 0, width, height);
  }
}
