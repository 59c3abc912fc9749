package dev.expanse.core.image;

import java.io.IOException;

/** Thrown for bytes that are no complete, sound image; the message is the one reason why. */
public final class ImageDecodeException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception without a cause.
   *
   * @param reason what is wrong with the image, such as {@code "empty file"}
   */
  public ImageDecodeException(String reason) {
    super(reason);
  }

  /**
   * Makes an exception for something that a reader threw.
   *
   * @param reason what is wrong with the image
   * @param cause what the reader threw
   */
  public ImageDecodeException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
