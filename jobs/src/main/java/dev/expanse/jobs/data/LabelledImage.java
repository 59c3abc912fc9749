package dev.expanse.jobs.data;

import java.io.Serializable;

/**
 * An image of a dataset, still encoded.
 *
 * @param bytes the JPEG or PNG file
 * @param path the file's name in the dataset's source
 * @param label index of its class in the dataset
 */
@SuppressWarnings("java:S6218") // compared by nobody
public record LabelledImage(byte[] bytes, String path, int label) implements Serializable {}
