package dev.expanse.core.image;

import java.util.random.RandomGenerator;

/** A transform that knows from an image's sides alone what it will show of it. */
interface ViewTransform extends ImageTransform {

  /** Draws every random number that the transform needs. */
  View view(int width, int height, RandomGenerator random);

  @Override
  default RgbImage apply(RgbImage image, RandomGenerator random) {
    return view(image.width(), image.height(), random)
        .show(image, Region.whole(image.width(), image.height()));
  }

  @Override
  default RgbImage decode(byte[] file, RandomGenerator random) throws ImageDecodeException {
    ImageFile image = ImageFile.of(file);
    View view = view(image.width(), image.height(), random);
    Region needed = view.needed();
    return view.show(image.read(needed), needed);
  }
}
