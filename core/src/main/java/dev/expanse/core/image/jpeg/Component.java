package dev.expanse.core.image.jpeg;

/**
 * One of the components of an image: grey, or Y, Cb or Cr.
 *
 * @param across how many blocks an MCU has of it from left to right
 * @param down how many blocks an MCU has of it from top to bottom
 * @param steps its quantisation steps, in the order of storage
 * @param dc the Huffman table of the differences of means
 * @param ac the Huffman table of the other coefficients
 */
record Component(int across, int down, int[] steps, HuffmanTable dc, HuffmanTable ac) {}
