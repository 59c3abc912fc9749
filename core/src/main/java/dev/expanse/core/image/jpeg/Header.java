package dev.expanse.core.image.jpeg;

import java.util.List;

/**
 * What has to be known of an image before its entropy-coded data.
 *
 * @param restartInterval after how many MCUs there is a restart marker, or 0
 * @param data where the entropy-coded data begin in the file
 */
record Header(int width, int height, List<Component> components, int restartInterval, int data) {

  int mcuWidth() {
    return 8 * components.get(0).across();
  }

  int mcuHeight() {
    return 8 * components.get(0).down();
  }

  int mcusAcross() {
    return (width + mcuWidth() - 1) / mcuWidth();
  }

  int mcusDown() {
    return (height + mcuHeight() - 1) / mcuHeight();
  }
}
