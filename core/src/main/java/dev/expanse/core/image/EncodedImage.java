package dev.expanse.core.image;

/**
 * An image on its way into a batch, still encoded.
 *
 * @param file the bytes of a JPEG, PNG or GIF file, which nobody writes to
 * @param name what messages call it
 * @param label the index of its class
 * @param seed of its transform's chance decisions
 */
@SuppressWarnings("java:S6218") // compared by nobody
public record EncodedImage(byte[] file, String name, int label, long seed) {}
