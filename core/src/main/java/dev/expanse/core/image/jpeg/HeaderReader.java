package dev.expanse.core.image.jpeg;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads all that comes before the entropy-coded data, and refuses what is out of the ordinary. */
final class HeaderReader {

  private static final int BASELINE = 0xc0;
  private static final int EXTENDED_SEQUENTIAL = 0xc1;
  private static final int HUFFMAN_TABLES = 0xc4;
  private static final int SCAN = 0xda;
  private static final int QUANTIZATION_TABLES = 0xdb;
  private static final int RESTART_INTERVAL = 0xdd;
  private static final int APP0 = 0xe0;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COMMENT = 0xfe;

  private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

  private static final int COEFFICIENTS = 64;
  private static final int NO_TRANSFORM = -1;

  private record FrameComponent(int id, int across, int down, int steps) {}

  private final ByteBuffer file;
  private final int[][] steps = new int[4][];
  private final HuffmanTable[] dc = new HuffmanTable[4];
  private final HuffmanTable[] ac = new HuffmanTable[4];
  private final List<FrameComponent> frame = new ArrayList<>();
  private int width;
  private int height;
  private int restartInterval;
  private boolean jfif;
  private int adobeTransform = NO_TRANSFORM;

  private HeaderReader(byte[] file) {
    this.file = ByteBuffer.wrap(file);
  }

  static Header read(byte[] file) throws UnsupportedJpegException {
    try {
      return new HeaderReader(file).read();
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new UnsupportedJpegException("a header that ends too early");
    }
  }

  private Header read() throws UnsupportedJpegException {
    file.position(2);
    while (true) {
      int marker = marker();
      int length = unsignedShort() - 2;
      ByteBuffer segment = file.slice().limit(length);
      file.position(file.position() + length);
      switch (marker) {
        case BASELINE, EXTENDED_SEQUENTIAL -> readFrame(segment);
        case HUFFMAN_TABLES -> readHuffmanTables(segment);
        case QUANTIZATION_TABLES -> readSteps(segment);
        case RESTART_INTERVAL -> restartInterval = segment.getShort() & 0xffff;
        case APP0 -> jfif |= startsWith(segment, JFIF);
        case APP14 -> readAdobe(segment);
        case SCAN -> {
          return new Header(width, height, components(segment), restartInterval, file.position());
        }
        default -> require(marker > APP0 && marker <= APP15 || marker == COMMENT, "a marker");
      }
    }
  }

  private int marker() throws UnsupportedJpegException {
    require(unsignedByte(file) == 0xff, "bytes between segments");
    int marker = unsignedByte(file);
    while (marker == 0xff) {
      marker = unsignedByte(file);
    }
    return marker;
  }

  private void readFrame(ByteBuffer segment) throws UnsupportedJpegException {
    require(frame.isEmpty(), "two frames");
    require(unsignedByte(segment) == 8, "samples of other than 8 bits");
    height = segment.getShort() & 0xffff;
    width = segment.getShort() & 0xffff;
    require(width > 0 && height > 0, "no size");
    int components = unsignedByte(segment);
    require(components == 1 || components == 3, "other than 1 or 3 components");
    for (int i = 0; i < components; i++) {
      int id = unsignedByte(segment);
      int factors = unsignedByte(segment);
      frame.add(new FrameComponent(id, factors >> 4, factors & 15, unsignedByte(segment)));
    }
    requireSampling();
    require(!segment.hasRemaining(), "a frame header of another length");
  }

  private void requireSampling() throws UnsupportedJpegException {
    FrameComponent first = frame.get(0);
    if (frame.size() == 1) {
      require(first.across > 0 && first.down > 0, "no sampling");
      return;
    }
    require(first.across == 1 || first.across == 2, "sampling of other than 1 or 2 across");
    require(first.down == 1 || first.down == 2 && first.across == 2, "sampling");
    for (FrameComponent chroma : frame.subList(1, frame.size())) {
      require(chroma.across == 1 && chroma.down == 1, "sampling of colour");
    }
  }

  private void readHuffmanTables(ByteBuffer segment) throws UnsupportedJpegException {
    while (segment.hasRemaining()) {
      int target = unsignedByte(segment);
      byte[] counts = new byte[16];
      segment.get(counts);
      int symbols = 0;
      for (byte count : counts) {
        symbols += count & 0xff;
      }
      byte[] values = new byte[symbols];
      segment.get(values);
      require((target & 15) < 4 && target >> 4 < 2, "a Huffman table's number");
      boolean isDc = target >> 4 == 0;
      (isDc ? dc : ac)[target & 15] = HuffmanTable.of(counts, values, isDc);
    }
  }

  private void readSteps(ByteBuffer segment) throws UnsupportedJpegException {
    while (segment.hasRemaining()) {
      int target = unsignedByte(segment);
      require((target & 15) < 4 && target >> 4 < 2, "a quantisation table's number");
      int[] table = new int[COEFFICIENTS];
      for (int i = 0; i < COEFFICIENTS; i++) {
        table[i] = target >> 4 == 0 ? unsignedByte(segment) : segment.getShort() & 0xffff;
      }
      steps[target & 15] = table;
    }
  }

  private void readAdobe(ByteBuffer segment) {
    if (segment.remaining() >= 12 && startsWith(segment, ADOBE)) {
      adobeTransform = segment.get(11) & 0xff;
    }
  }

  private List<Component> components(ByteBuffer segment) throws UnsupportedJpegException {
    require(!frame.isEmpty(), "no frame");
    requireKnownColors();
    require(unsignedByte(segment) == frame.size(), "a scan of some components only");
    List<Component> components = new ArrayList<>();
    for (FrameComponent component : frame) {
      require(unsignedByte(segment) == component.id, "components in another order");
      int tables = unsignedByte(segment);
      require(tables >> 4 < 4 && (tables & 15) < 4 && component.steps < 4, "a table's number");
      HuffmanTable means = dc[tables >> 4];
      HuffmanTable others = ac[tables & 15];
      require(means != null && others != null && steps[component.steps] != null, "no table");
      boolean single = frame.size() == 1;
      components.add(
          new Component(
              single ? 1 : component.across,
              single ? 1 : component.down,
              steps[component.steps],
              means,
              others));
    }
    require(unsignedByte(segment) == 0 && unsignedByte(segment) == 63, "some coefficients only");
    require(unsignedByte(segment) == 0 && !segment.hasRemaining(), "an approximation");
    return List.copyOf(components);
  }

  /**
   * Three components are Y, Cb and Cr where a marker says so, or where there is no marker and they
   * are numbered 1, 2 and 3. In all other cases libjpeg and others guess, and not alike.
   */
  private void requireKnownColors() throws UnsupportedJpegException {
    if (frame.size() == 1) {
      return;
    }
    boolean numbered = frame.stream().map(FrameComponent::id).toList().equals(List.of(1, 2, 3));
    boolean marked = jfif || adobeTransform == 1;
    boolean contradicted = adobeTransform != NO_TRANSFORM && adobeTransform != 1;
    require((marked || numbered) && !contradicted, "a colour space");
  }

  private static boolean startsWith(ByteBuffer segment, byte[] name) {
    byte[] start = new byte[Math.min(name.length, segment.remaining())];
    segment.duplicate().get(start);
    return Arrays.equals(start, name);
  }

  private int unsignedShort() {
    return file.getShort() & 0xffff;
  }

  private static int unsignedByte(ByteBuffer bytes) {
    return bytes.get() & 0xff;
  }

  private static void require(boolean holds, String otherwise) throws UnsupportedJpegException {
    if (!holds) {
      throw new UnsupportedJpegException(otherwise);
    }
  }
}
