"""MobileNetV2 trained by PyTorch with the recipe beside this file: what Expanse's own training is compared with, and how that
recipe and the place of the strides were chosen.

    python3 conf/experiments/photographs/reference.py tiny-imagenet-100 --seed 1
    python3 conf/experiments/photographs/reference.py tiny-imagenet-100 --tune --learning-rate 0.1 --without-strides 4 6

The folder has train/<class>/*.JPEG and val/<class>/*.JPEG, all of one size. Needs PyTorch, torchvision and Pillow; with a
GPU, an epoch takes seconds. On a processor MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 before the command keeps glibc from
giving each feature map's memory back, and GLIBC_TUNABLES=glibc.malloc.hugetlb=1 has it take large pages: in a virtual machine
either may account for most of the time. OMP_NUM_THREADS=1 has it train on one thread. The network is torchvision's, without the
strides of some rows of its table (row 3, which is what an output stride of 16 takes away on 64 x 64, unless others are given;
0 is the first convolution). Prints top-1 on val, or with --tune on every tenth of the training images, which is not trained
on then; on stderr it says after each epoch how many images a second it trains on.
"""

import argparse
import math
import sys
import time
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from torchvision.models import mobilenet_v2

WARM_UP_EPOCHS = 0.5
STRIDES = {0: 0, 2: 2, 3: 4, 4: 7, 6: 14}  # rows of the table that have one, and their first blocks among torchvision's features


def split(folder, name, device):
    classes = sorted(path.name for path in Path(folder, "train").iterdir())
    files = [(file, label) for label, wnid in enumerate(classes) for file in sorted(Path(folder, name, wnid).iterdir())]
    pixels = [numpy.asarray(Image.open(file).convert("RGB")) for file, _ in files]
    images = torch.from_numpy(numpy.stack(pixels)).permute(0, 3, 1, 2)
    return images.to(device), torch.tensor([label for _, label in files], device=device)


def network(classes, without_strides):
    net = mobilenet_v2(weights=None, num_classes=classes)
    for row in without_strides:
        block = net.features[STRIDES[row]]
        convolution = block[0] if row == 0 else block.conv[1][0]
        convolution.stride = (1, 1)
    return net


def crops(x, min_scale, generator):
    """A random part of at least that share of each image, mirrored or not, at the image's size."""
    n, device = len(x), x.device
    uniform = lambda low, high: low + (high - low) * torch.rand(n, device=device, generator=generator)
    area, ratio = uniform(min_scale, 1), torch.exp(uniform(math.log(3 / 4), math.log(4 / 3)))
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
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--weight-decay", type=float, default=2e-4)
    parser.add_argument("--min-scale", type=float, default=0.5, help="the smallest crop, as a share of the image")
    parser.add_argument("--label-smoothing", type=float, default=0)
    parser.add_argument("--without-strides", type=int, nargs="*", choices=sorted(STRIDES), default=[3], metavar="ROW")
    parser.add_argument("--tune", action="store_true", help="judge by every tenth training image")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(options.seed)
    generator = torch.Generator(device).manual_seed(options.seed)
    images, labels = split(options.folder, "train", device)
    if options.tune:
        aside = torch.arange(len(images), device=device) % 10 == 0
        judged = images[aside], labels[aside]
        images, labels = images[~aside], labels[~aside]
    else:
        judged = split(options.folder, "val", device)
    mean = images.float().mean((0, 2, 3), keepdim=True)
    deviation = images.float().std((0, 2, 3), keepdim=True)

    net = network(int(labels.max()) + 1, options.without_strides).to(device, memory_format=torch.channels_last)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": options.weight_decay}, {"params": others}],
        lr=options.learning_rate, momentum=0.9, nesterov=True)
    an_epoch = len(images) // options.batch
    steps, warm_up = an_epoch * options.epochs, int(an_epoch * WARM_UP_EPOCHS)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps, warm_up))
    began = time.monotonic()
    for epoch in range(1, options.epochs + 1):
        order = torch.randperm(len(images), device=device, generator=generator)
        for i in range(an_epoch):
            batch = order[i * options.batch:(i + 1) * options.batch]
            x = crops((images[batch].float() - mean) / deviation, options.min_scale, generator)
            x = x.contiguous(memory_format=torch.channels_last)
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(net(x), labels[batch], label_smoothing=options.label_smoothing).backward()
            optimizer.step()
            schedule.step()
        a_second = epoch * an_epoch * options.batch / (time.monotonic() - began)
        print(f"epoch {epoch} of {options.epochs}, {a_second:.0f} images/s", file=sys.stderr)

    net.eval()
    images, labels = judged
    right = 0
    with torch.no_grad():
        for x, y in zip(images.split(500), labels.split(500)):
            right += (net((x.float() - mean) / deviation).argmax(1) == y).sum().item()
    print(f"mobilenet-v2, seed {options.seed}, {options.epochs} epochs: top-1 {100 * right / len(images):.2f}%")


if __name__ == "__main__":
    main()
