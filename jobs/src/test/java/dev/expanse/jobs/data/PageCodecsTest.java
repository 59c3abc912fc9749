package dev.expanse.jobs.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PageCodecsTest {
  private static final Configuration HADOOP = new Configuration(false);
  private static final CompressionCodecFactory CODECS = new PageCodecs(HADOOP);

  /**
   * Half of it chance, as the bytes of images are, and larger than what Parquet takes at a time.
   */
  private static final byte[] PAGE = new byte[300_001];

  static {
    new Random(1).nextBytes(PAGE);
    for (int i = 0; i < PAGE.length / 2; i++) {
      PAGE[i] = (byte) (i / 1000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"})
  @DisplayName("A page that Parquet's own codec compressed comes out as it went in")
  void roundTrip(CompressionCodecName codec) throws IOException {
    var compressed = compressed(codec);

    var page = CODECS.getDecompressor(codec).decompress(BytesInput.from(compressed), PAGE.length);

    assertThat(page.toByteArray()).isEqualTo(PAGE);
  }

  @Test
  @DisplayName("So does one in buffers outside of the heap")
  void buffers() throws IOException {
    var compressed = compressed(CompressionCodecName.SNAPPY);
    var page = ByteBuffer.allocateDirect(compressed.length).put(compressed).flip();
    var to = ByteBuffer.allocateDirect(PAGE.length);

    CODECS
        .getDecompressor(CompressionCodecName.SNAPPY)
        .decompress(page, compressed.length, to, PAGE.length);

    var values = new byte[PAGE.length];
    to.get(0, values);
    assertThat(values).isEqualTo(PAGE);
  }

  @Test
  @DisplayName("A page that is damaged, or not as long as the file says, is refused")
  void damaged() throws IOException {
    var decompressor = CODECS.getDecompressor(CompressionCodecName.SNAPPY);
    var compressed = compressed(CompressionCodecName.SNAPPY);

    assertThatIOException()
        .isThrownBy(() -> decompressor.decompress(BytesInput.from(compressed), PAGE.length + 1))
        .withMessage("a page of 300001 bytes, expected 300002");
    compressed[10] ^= 1;
    compressed[5] ^= 64;
    assertThatIOException()
        .isThrownBy(() -> decompressor.decompress(BytesInput.from(compressed), PAGE.length));
  }

  private static byte[] compressed(CompressionCodecName codec) throws IOException {
    var compressor = HadoopCodecs.newFactory(HADOOP, 0).getCompressor(codec);
    return compressor.compress(BytesInput.from(PAGE)).toByteArray();
  }
}
