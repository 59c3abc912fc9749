package dev.expanse.core.image.jpeg;

import java.io.IOException;

/**
 * Thrown for a JPEG of a kind that {@link BaselineJpeg} does not decode, or with anything in it
 * that is out of order. Another decoder has to say what becomes of it.
 */
public final class UnsupportedJpegException extends IOException {

  private static final long serialVersionUID = 1L;

  UnsupportedJpegException(String what) {
    super(what);
  }
}
