package dev.expanse.core.dl4j;

import dev.expanse.core.onednn.FeatureMaps;
import dev.expanse.core.onednn.RowMajor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Whose code moves and scales channels, on arrays in row-major order whose last dimension they are.
 */
enum MapKernels {
  /** ND4J's, of any precision. */
  ND4J {
    @Override
    void copyChannels(INDArray from, long first, INDArray to, long at, long count) {
      channels(to, at, count).assign(channels(from, first, count));
    }

    @Override
    void clear(INDArray array) {
      array.assign(0);
    }

    private static INDArray channels(INDArray array, long first, long count) {
      var indices = new INDArrayIndex[array.rank()];
      java.util.Arrays.fill(indices, NDArrayIndex.all());
      indices[indices.length - 1] = NDArrayIndex.interval(first, first + count);
      return array.get(indices);
    }

    @Override
    void deal(INDArray from, INDArray to, long groups) {
      long channels = VertexOperation.channels(from);
      long pixels = from.length() / channels;
      to.reshape('c', pixels, channels / groups, groups)
          .assign(from.reshape('c', pixels, groups, channels / groups).permute(0, 2, 1));
    }

    @Override
    void scale(INDArray x, INDArray gate, INDArray y) {
      for (long n = 0; n < x.size(0); n++) {
        pixels(y, n).assign(pixels(x, n).mulRowVector(row(gate, n)));
      }
    }

    @Override
    void gateGradient(INDArray x, INDArray dy, INDArray dGate) {
      for (long n = 0; n < x.size(0); n++) {
        row(dGate, n).assign(pixels(x, n).mul(pixels(dy, n)).sum(0));
      }
    }

    /** One image as {@code [pixels, channels]}. */
    private static INDArray pixels(INDArray map, long image) {
      long channels = VertexOperation.channels(map);
      long pixels = map.length() / map.size(0) / channels;
      return map.reshape('c', map.size(0) * pixels, channels)
          .get(NDArrayIndex.interval(image * pixels, (image + 1) * pixels), NDArrayIndex.all());
    }

    private static INDArray row(INDArray gate, long image) {
      return gate.reshape('c', gate.size(0), gate.length() / gate.size(0)).getRow(image);
    }
  },

  /** oneDNN's, on floats. */
  ONEDNN {
    @Override
    void copyChannels(INDArray from, long first, INDArray to, long at, long count) {
      FeatureMaps.copyChannels(from, first, to, at, count);
    }

    @Override
    void clear(INDArray array) {
      RowMajor.clear(array);
    }

    @Override
    void deal(INDArray from, INDArray to, long groups) {
      FeatureMaps.deal(from, to, groups);
    }

    @Override
    void scale(INDArray x, INDArray gate, INDArray y) {
      FeatureMaps.scale(x, gate, y);
    }

    @Override
    void gateGradient(INDArray x, INDArray dy, INDArray dGate) {
      FeatureMaps.gateGradient(x, dy, dGate);
    }
  };

  /** Copies {@code count} channels from the {@code first} of one map to the one {@code at}. */
  abstract void copyChannels(INDArray from, long first, INDArray to, long at, long count);

  /** Sets all values to zero. */
  abstract void clear(INDArray array);

  /** Deals channels out: {@code i * groups + j} becomes channel {@code i} of group {@code j}. */
  abstract void deal(INDArray from, INDArray to, long groups);

  /** Multiplies each channel of each image by its gate. */
  abstract void scale(INDArray x, INDArray gate, INDArray y);

  /** The gradient of the gate from that of the products. */
  abstract void gateGradient(INDArray x, INDArray dy, INDArray dGate);
}
