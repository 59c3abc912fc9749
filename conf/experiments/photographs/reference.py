"""MobileNetV2 trained by PyTorch with the recipe beside this file: what Expanse's own training is compared with.

    python3 conf/experiments/photographs/reference.py tiny-imagenet-100 --seed 1 --epochs 8

The folder has train/<class>/*.JPEG and val/<class>/*.JPEG, all of one size. Needs PyTorch, torchvision and Pillow; with a GPU, an
epoch takes seconds. The network is torchvision's, but for the stride that the output stride of 16 takes away. Prints top-1 on val.
"""

import argparse
import math
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from torchvision.models import mobilenet_v2

BATCH, LEARNING_RATE, WARM_UP_EPOCHS, WEIGHT_DECAY, MIN_SCALE = 64, 0.05, 0.5, 2e-4, 0.5


def split(folder, name, device):
    classes = sorted(path.name for path in Path(folder, "train").iterdir())
    files = [(file, label) for label, wnid in enumerate(classes) for file in sorted(Path(folder, name, wnid).iterdir())]
    pixels = [numpy.asarray(Image.open(file).convert("RGB")) for file, _ in files]
    images = torch.from_numpy(numpy.stack(pixels)).permute(0, 3, 1, 2)
    return images.to(device), torch.tensor([label for _, label in files], device=device)


def network(classes):
    net = mobilenet_v2(weights=None, num_classes=classes)
    net.features[4].conv[1][0].stride = (1, 1)  # the first block of the third row of the table
    return net


def crops(x, generator):
    """A random part of at least MIN_SCALE of each image, mirrored or not, at the image's size."""
    n, device = len(x), x.device
    uniform = lambda low, high: low + (high - low) * torch.rand(n, device=device, generator=generator)
    area, ratio = uniform(MIN_SCALE, 1), torch.exp(uniform(math.log(3 / 4), math.log(4 / 3)))
    width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
    affine = torch.zeros(n, 2, 3, device=device)
    affine[:, 0, 0] = width * torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    affine[:, 1, 1] = height
    affine[:, 0, 2] = uniform(-1, 1) * (1 - width)
    affine[:, 1, 2] = uniform(-1, 1) * (1 - height)
    grid = F.affine_grid(affine, x.shape, align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def rate(step, steps, warm_up):
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(options.seed)
    generator = torch.Generator(device).manual_seed(options.seed)
    images, labels = split(options.folder, "train", device)
    mean = images.float().mean((0, 2, 3), keepdim=True)
    deviation = images.float().std((0, 2, 3), keepdim=True)

    net = network(int(labels.max()) + 1).to(device)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": others}],
        lr=LEARNING_RATE, momentum=0.9, nesterov=True)
    an_epoch = len(images) // BATCH
    steps, warm_up = an_epoch * options.epochs, int(an_epoch * WARM_UP_EPOCHS)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps, warm_up))
    for _ in range(options.epochs):
        order = torch.randperm(len(images), device=device, generator=generator)
        for i in range(an_epoch):
            batch = order[i * BATCH:(i + 1) * BATCH]
            x = crops((images[batch].float() - mean) / deviation, generator)
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(net(x), labels[batch]).backward()
            optimizer.step()
            schedule.step()

    net.eval()
    images, labels = split(options.folder, "val", device)
    right = 0
    with torch.no_grad():
        for x, y in zip(images.split(500), labels.split(500)):
            right += (net((x.float() - mean) / deviation).argmax(1) == y).sum().item()
    print(f"mobilenet-v2, seed {options.seed}, {options.epochs} epochs: top-1 {100 * right / len(images):.2f}%")


if __name__ == "__main__":
    main()
