package dev.expanse.jobs.prepare;

import java.nio.ByteBuffer;
import org.apache.commons.codec.digest.DigestUtils;

/** A hash that draws images by their names, equally everywhere and always. */
final class NameHash {
  private NameHash() {}

  /** The first eight bytes of the name's SHA-256. */
  static long of(String name) {
    return ByteBuffer.wrap(DigestUtils.sha256(name)).getLong();
  }
}
