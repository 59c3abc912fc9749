package dev.expanse.bench;

import org.bytedeco.leptonica.BOX;
import org.bytedeco.leptonica.PIX;
import org.bytedeco.leptonica.global.lept;

/**
 * Leptonica, which decodes by libjpeg-turbo, to a half, a quarter or an eighth where the view
 * allows that. It resizes by area below a scale of 0.7, bilinearly above, without its sharpening.
 */
final class LeptonicaPipeline implements InputPipeline.Peer {
  private static final int NO_COLORMAP = 0;
  private static final int NO_HINT = 0;

  private final int side;
  private final int[] pixels;

  LeptonicaPipeline(int side) {
    this.side = side;
    pixels = new int[side * side];
  }

  /** Native memory that is freed with the block that it is used in. */
  private record Owned(PIX pix) implements AutoCloseable {
    @Override
    public void close() {
      lept.pixDestroy(pix);
    }
  }

  @Override
  public int decode(Photograph photograph) {
    try (var image = read(photograph, 1)) {
      return image.pix().w() * image.pix().h();
    }
  }

  @Override
  public void write(Photograph photograph, View view, float[] batch, int index) {
    int reduction = view.reduction(side);
    try (var image = read(photograph, reduction);
        var cropped = crop(image.pix(), view.reduced(reduction));
        var resized = resize(cropped.pix());
        var colored = new Owned(lept.pixConvertTo32(resized.pix()))) { // from grey, or a copy
      colored.pix().data().get(pixels);
    }
    PeerNormalization.writeRgbx(pixels, side, view.flip(), batch, index);
  }

  private static Owned read(Photograph photograph, int reduction) {
    byte[] file = photograph.file();
    return new Owned(
        lept.pixReadMemJpeg(file, file.length, NO_COLORMAP, reduction, (int[]) null, NO_HINT));
  }

  private static Owned crop(PIX image, View view) {
    BOX box = lept.boxCreate(view.x(), view.y(), view.width(), view.height());
    try {
      return new Owned(lept.pixClipRectangle(image, box, (BOX) null));
    } finally {
      lept.boxDestroy(box);
    }
  }

  private Owned resize(PIX image) {
    float acrossScale = (float) side / image.w();
    float downScale = (float) side / image.h();
    return new Owned(lept.pixScaleGeneral(image, acrossScale, downScale, 0, 0));
  }
}
