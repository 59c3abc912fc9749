package dev.expanse.core.onednn;

import static dev.expanse.core.onednn.Torch.averagePool;
import static dev.expanse.core.onednn.Torch.concat;
import static dev.expanse.core.onednn.Torch.maxPool;
import static dev.expanse.core.onednn.Torch.mean;
import static dev.expanse.core.onednn.Torch.relu;
import static dev.expanse.core.onednn.Torch.relu6;
import static dev.expanse.core.onednn.Torch.sigmoid;

import ai.djl.ndarray.NDArray;

/** Published networks, written once more from torchvision's definitions: images to logits. */
final class TorchvisionModels {
  private TorchvisionModels() {}

  static NDArray mobileNetV2(Torch torch, NDArray images, int classes) {
    int[][] settings = {
      {1, 16, 1, 1},
      {6, 24, 2, 2},
      {6, 32, 3, 2},
      {6, 64, 4, 2},
      {6, 96, 3, 1},
      {6, 160, 3, 2},
      {6, 320, 1, 1}
    };
    var x = relu6(torch.norm(torch.conv(images, 32, 3, 2, 1)));
    for (var row : settings) {
      for (int i = 0; i < row[2]; i++) {
        x = invertedResidual(torch, x, row[0], row[1], i == 0 ? row[3] : 1);
      }
    }
    x = relu6(torch.norm(torch.conv(x, 1280, 1, 1, 1)));
    return torch.linear(mean(x), classes);
  }

  private static NDArray invertedResidual(Torch torch, NDArray x, int t, int c, int stride) {
    int inputs = channels(x);
    int hidden = inputs * t;
    var y = t == 1 ? x : relu6(torch.norm(torch.conv(x, hidden, 1, 1, 1)));
    y = relu6(torch.norm(torch.conv(y, hidden, 3, stride, hidden)));
    y = torch.norm(torch.conv(y, c, 1, 1, 1));
    return stride == 1 && inputs == c ? x.add(y) : y;
  }

  static NDArray resNet18(Torch torch, NDArray images, int classes) {
    var x = resNetStem(torch, images);
    for (int stage = 0; stage < 4; stage++) {
      for (int i = 0; i < 2; i++) {
        x = basicBlock(torch, x, 64 << stage, stage > 0 && i == 0 ? 2 : 1);
      }
    }
    return torch.linear(mean(x), classes);
  }

  private static NDArray resNetStem(Torch torch, NDArray images) {
    return maxPool(relu(torch.norm(torch.conv(images, 64, 7, 2, 1))), 3, 2, 1);
  }

  private static NDArray basicBlock(Torch torch, NDArray x, int planes, int stride) {
    var y = relu(torch.norm(torch.conv(x, planes, 3, stride, 1)));
    y = torch.norm(torch.conv(y, planes, 3, 1, 1));
    return relu(y.add(shortcut(torch, x, planes, stride)));
  }

  private static NDArray shortcut(Torch torch, NDArray x, int channels, int stride) {
    return stride == 1 && channels(x) == channels
        ? x
        : torch.norm(torch.conv(x, channels, 1, stride, 1));
  }

  /** With the squeeze and excitation of Hu et al., 2018, which torchvision does not have. */
  static NDArray seResNet50(Torch torch, NDArray images, int classes) {
    int[] blocks = {3, 4, 6, 3};
    var x = resNetStem(torch, images);
    for (int stage = 0; stage < 4; stage++) {
      for (int i = 0; i < blocks[stage]; i++) {
        x = seBottleneck(torch, x, 64 << stage, stage > 0 && i == 0 ? 2 : 1);
      }
    }
    return torch.linear(mean(x), classes);
  }

  private static NDArray seBottleneck(Torch torch, NDArray x, int planes, int stride) {
    var y = relu(torch.norm(torch.conv(x, planes, 1, 1, 1)));
    y = relu(torch.norm(torch.conv(y, planes, 3, stride, 1)));
    y = torch.norm(torch.conv(y, 4 * planes, 1, 1, 1));
    var gate = relu(torch.linear(mean(y), 4 * planes / 16));
    gate = sigmoid(torch.linear(gate, 4 * planes));
    y = y.mul(gate.expandDims(2).expandDims(3));
    return relu(y.add(shortcut(torch, x, 4 * planes, stride)));
  }

  static NDArray denseNet121(Torch torch, NDArray images, int classes) {
    int[] blocks = {6, 12, 24, 16};
    var x = resNetStem(torch, images);
    for (int block = 0; block < 4; block++) {
      for (int i = 0; i < blocks[block]; i++) {
        var y = torch.conv(relu(torch.norm(x)), 4 * 32, 1, 1, 1);
        y = torch.conv(relu(torch.norm(y)), 32, 3, 1, 1);
        x = concat(x, y);
      }
      if (block < 3) {
        x = averagePool(torch.conv(relu(torch.norm(x)), channels(x) / 2, 1, 1, 1), 2);
      }
    }
    return torch.linear(mean(relu(torch.norm(x))), classes);
  }

  static NDArray shuffleNetV2(Torch torch, NDArray images, int classes) {
    int[] repeats = {4, 8, 4};
    int[] channels = {116, 232, 464};
    var x = maxPool(relu(torch.norm(torch.conv(images, 24, 3, 2, 1))), 3, 2, 1);
    for (int stage = 0; stage < 3; stage++) {
      for (int i = 0; i < repeats[stage]; i++) {
        x = shuffleBlock(torch, x, channels[stage] / 2, i == 0 ? 2 : 1);
      }
    }
    x = relu(torch.norm(torch.conv(x, 1024, 1, 1, 1)));
    return torch.linear(mean(x), classes);
  }

  private static NDArray shuffleBlock(Torch torch, NDArray x, int half, int stride) {
    NDArray left;
    NDArray right;
    if (stride == 1) {
      var halves = x.split(2, 1);
      left = halves.get(0);
      right = halves.get(1);
    } else {
      left = torch.norm(torch.conv(x, channels(x), 3, 2, channels(x)));
      left = relu(torch.norm(torch.conv(left, half, 1, 1, 1)));
      right = x;
    }
    right = relu(torch.norm(torch.conv(right, half, 1, 1, 1)));
    right = torch.norm(torch.conv(right, half, 3, stride, half));
    right = relu(torch.norm(torch.conv(right, half, 1, 1, 1)));
    return shuffled(concat(left, right));
  }

  private static NDArray shuffled(NDArray x) {
    var shape = x.getShape();
    return x.reshape(shape.get(0), 2, shape.get(1) / 2, shape.get(2), shape.get(3))
        .transpose(0, 2, 1, 3, 4)
        .reshape(shape);
  }

  private static int channels(NDArray x) {
    return (int) x.getShape().get(1);
  }
}
