package dev.expanse.core.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a JPEG says of its pixels' meaning. Damage is no error here: what cannot be read counts as
 * not said.
 *
 * @param orientation how the camera was held
 * @param profile the embedded ICC profile; of no bytes if there is none, and {@code null} if its
 *     parts do not make up a whole
 */
record JpegMetadata(Orientation orientation, byte[] profile) {

  private static final int END = 0xd9;
  private static final int START_OF_SCAN = 0xda;
  private static final int APP1 = 0xe1;
  private static final int APP2 = 0xe2;
  private static final byte[] EXIF = "Exif\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ICC = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);

  static JpegMetadata of(byte[] file) {
    Orientation orientation = Orientation.UPRIGHT;
    ByteArrayOutputStream profile = new ByteArrayOutputStream();
    boolean whole = true;
    int parts = 0;
    int position = 2;
    while (position + 4 <= file.length) {
      if (file[position] != (byte) 0xff || file[position + 1] == (byte) 0xff) {
        position++;
        continue;
      }
      int marker = file[position + 1] & 0xff;
      int from = position + 4;
      int to = position + 2 + ((file[position + 2] & 0xff) << 8 | (file[position + 3] & 0xff));
      if (marker == START_OF_SCAN || marker == END || to < from || to > file.length) {
        break;
      }
      if (marker == APP1
          && orientation == Orientation.UPRIGHT
          && startsWith(file, from, to, EXIF)) {
        orientation = Orientation.ofExif(file, from + EXIF.length + 1, to);
      } else if (marker == APP2 && startsWith(file, from, to, ICC)) {
        int start = from + ICC.length + 2;
        whole &= start <= to && file[start - 2] == ++parts && parts <= file[start - 1];
        profile.write(file, Math.min(start, to), Math.max(to - start, 0));
      }
      position = to;
    }
    return new JpegMetadata(orientation, whole ? profile.toByteArray() : null);
  }

  private static boolean startsWith(byte[] file, int from, int to, byte[] name) {
    return to - from >= name.length
        && Arrays.equals(file, from, from + name.length, name, 0, name.length);
  }
}
