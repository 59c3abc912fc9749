package dev.expanse.bench;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * OpenCV, which decodes by libjpeg-turbo. It resizes by area where it shrinks, which antialiases,
 * and bilinearly where it enlarges. If told to, it decodes to a half, a quarter or an eighth where
 * the view allows that.
 */
final class OpenCvPipeline implements InputPipeline.Peer {
  private final int side;
  private final boolean reducing;
  private final Mat resized = new Mat();
  private final byte[] pixels;

  OpenCvPipeline(int side, boolean reducing) {
    opencv_core.setNumThreads(1);
    this.side = side;
    this.reducing = reducing;
    pixels = new byte[side * side * 3];
  }

  @Override
  public int decode(Photograph photograph) {
    try (var file = new Mat(photograph.file(), false);
        var image = imdecode(file, IMREAD_COLOR | IMREAD_IGNORE_ORIENTATION)) {
      return image.cols() * image.rows();
    }
  }

  @Override
  public void write(Photograph photograph, View view, float[] batch, int index) {
    int reduction = reducing ? view.reduction(side) : 1;
    var crop = view.reduced(reduction);
    try (var file = new Mat(photograph.file(), false);
        var image = imdecode(file, mode(reduction) | IMREAD_IGNORE_ORIENTATION);
        var rectangle = new Rect(crop.x(), crop.y(), crop.width(), crop.height());
        var cropped = new Mat(image, rectangle);
        var size = new Size(side, side)) {
      boolean shrinks = crop.width() > side || crop.height() > side;
      resize(cropped, resized, size, 0, 0, shrinks ? INTER_AREA : INTER_LINEAR);
      resized.data().get(pixels);
    }
    PeerNormalization.writeBgr(pixels, side, view.flip(), batch, index);
  }

  private static int mode(int reduction) {
    return switch (reduction) {
      case 2 -> IMREAD_REDUCED_COLOR_2;
      case 4 -> IMREAD_REDUCED_COLOR_4;
      case 8 -> IMREAD_REDUCED_COLOR_8;
      default -> IMREAD_COLOR;
    };
  }
}
