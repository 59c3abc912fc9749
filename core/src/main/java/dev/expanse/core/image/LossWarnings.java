package dev.expanse.core.image;

import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/**
 * Keeps the first warning that tells of lost pixels. A reader fills in grey for what it cannot
 * decode and only warns of it, in the English words of libjpeg, which has no codes to tell by.
 */
final class LossWarnings implements IIOReadWarningListener {

  private static final String CORRUPT = "Corrupt JPEG data: ";

  private String loss;

  @Override
  public void warningOccurred(ImageReader source, String warning) {
    if (loss == null && tellsOfLoss(warning)) {
      loss = warning.startsWith(CORRUPT) ? warning.substring(CORRUPT.length()) : warning;
    }
  }

  void throwIfAny(ImageFormat format) throws ImageDecodeException {
    if (loss != null) {
      throw new ImageDecodeException("corrupt %s: %s".formatted(format, loss));
    }
  }

  private static boolean tellsOfLoss(String warning) {
    return warning.startsWith("Truncated File")
        || warning.startsWith("Premature end")
        // Bytes too many before a marker are common and harmless.
        || (warning.startsWith(CORRUPT) && !warning.contains("extraneous bytes"));
  }
}
