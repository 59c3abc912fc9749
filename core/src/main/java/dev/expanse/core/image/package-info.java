/**
 * Images on their way to a network: {@link dev.expanse.core.image.ImageDecoder} turns the bytes of
 * a file into an {@link dev.expanse.core.image.RgbImage}, an {@link
 * dev.expanse.core.image.ImageTransform} brings it to the side that the network takes, and a {@link
 * dev.expanse.core.image.Normalization} writes it into a batch. Everything here may be used from
 * several threads at once.
 */
package dev.expanse.core.image;
