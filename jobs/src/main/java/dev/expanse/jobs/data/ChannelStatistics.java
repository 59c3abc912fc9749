package dev.expanse.jobs.data;

import java.util.List;

/**
 * How bright the training images are, each image counted alike whatever its size.
 *
 * @param mean of red, green and blue, where 0 is black and 1 is white
 * @param deviation the standard deviation of the pixels' red, green and blue on the same scale
 * @param images how many images were looked at
 */
public record ChannelStatistics(List<Double> mean, List<Double> deviation, int images) {}
