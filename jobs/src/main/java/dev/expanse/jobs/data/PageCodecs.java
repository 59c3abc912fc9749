package dev.expanse.jobs.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.xerial.snappy.Snappy;

/**
 * Parquet's codecs, but for Snappy, of which a page is decompressed in one piece. Parquet's own
 * takes it 4 KiB at a time and copies for each what it has so far: with pages of a hundred
 * photographs, as datasets on a hub have, that takes longer than to decode them.
 */
final class PageCodecs implements CompressionCodecFactory {
  private final CompressionCodecFactory others;

  PageCodecs(Configuration hadoop) {
    others = HadoopCodecs.newFactory(hadoop, 0);
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    return others.getCompressor(codec);
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return codec == CompressionCodecName.SNAPPY ? new WholePage() : others.getDecompressor(codec);
  }

  @Override
  public void release() {
    others.release();
  }

  private static final class WholePage implements BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput page, int bytes) throws IOException {
      var decompressed = new byte[bytes];
      var compressed = page.toByteArray();
      check(Snappy.uncompress(compressed, 0, compressed.length, decompressed, 0), bytes);
      return BytesInput.from(decompressed);
    }

    @Override
    public void decompress(ByteBuffer page, int compressedBytes, ByteBuffer to, int bytes)
        throws IOException {
      check(Snappy.uncompress(page, to), bytes);
    }

    private static void check(int bytes, int expected) throws IOException {
      if (bytes != expected) {
        throw new IOException("a page of " + bytes + " bytes, expected " + expected);
      }
    }

    @Override
    public void release() {}
  }
}
