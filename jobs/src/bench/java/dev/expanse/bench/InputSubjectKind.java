package dev.expanse.bench;

import java.util.function.IntFunction;

/** The subjects there are, in the order of the table. To add one is to add a constant. */
enum InputSubjectKind {
  /** Expanse. */
  EXPANSE("expanse", ExpansePipeline::new),
  /** ImageIO with the Java runtime's own reader, and Graphics2D. */
  IMAGEIO("imageio", side -> new ImageIoPipeline(JpegReaders.jdk(), side)),
  /** ImageIO with TwelveMonkeys' reader, and Graphics2D. */
  TWELVEMONKEYS("twelvemonkeys", side -> new ImageIoPipeline(JpegReaders.twelveMonkeys(), side)),
  /** OpenCV, which decodes the whole photograph. */
  OPENCV("opencv", side -> new OpenCvPipeline(side, false)),
  /** OpenCV, which decodes to a smaller size where the view allows that. */
  OPENCV_REDUCED("opencv-reduced", side -> new OpenCvPipeline(side, true)),
  /** Leptonica. */
  LEPTONICA("leptonica", LeptonicaPipeline::new);

  private final String key;
  private final IntFunction<InputPipeline> factory;

  InputSubjectKind(String key, IntFunction<InputPipeline> factory) {
    this.key = key;
    this.factory = factory;
  }

  /** Its name in tables and results. */
  @Override
  public String toString() {
    return key;
  }

  /** Its way to views of that side, for one thread. */
  InputPipeline pipeline(int side) {
    return factory.apply(side);
  }

  /** Whether it has a way of its own to do that. */
  boolean does(Task.What what) {
    return switch (what) {
      case DECODE -> this != OPENCV_REDUCED;
      case READER -> this == EXPANSE || this == IMAGEIO;
      default -> true;
    };
  }
}
