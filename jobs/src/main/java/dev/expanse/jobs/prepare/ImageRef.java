package dev.expanse.jobs.prepare;

import java.io.Serializable;

/**
 * Where an encoded image is: a whole file, or a range of an archive's bytes.
 *
 * @param name its path in the source, which no other image has
 * @param split the split that the source has it in; empty if the source has none
 * @param className the id of its class
 * @param file the file's Hadoop path
 * @param offset where it begins in the file
 * @param length how many bytes it has
 */
record ImageRef(String name, String split, String className, String file, long offset, long length)
    implements Serializable {

  ImageRef inSplit(String other) {
    return new ImageRef(name, other, className, file, offset, length);
  }
}
