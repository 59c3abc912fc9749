/** A decoder of our own for the most frequent kind of JPEG, which can decode a part of an image. */
package dev.expanse.core.image.jpeg;
