"""Trains a ResNet-18 of RGB to tell kinds of pictures apart, for `bench/quality.ts`, and writes its weights.

    python classifier.py PIXELS --size 64 --width 16 --steps 600 --seed 0 --out classifier.safetensors

PIXELS holds pictures of size x size x 3 sRGB bytes, and PIXELS.labels a byte for each. The weights have
torchvision's names, as if they were of its resnet18. Needs torch and safetensors.
"""

import argparse

import numpy
import torch
from safetensors.torch import save_file
from torch import nn

from dynamic_unet import BLOCKS, resnet_body
from perceptual import DEVIATION, MEAN

# The parts of the body that have weights, as torchvision calls them.
NAMES = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pixels")
    parser.add_argument("--out", required=True)
    for name in ("size", "width", "steps", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    labels = torch.from_numpy(numpy.fromfile(f"{options.pixels}.labels", numpy.uint8)).long()
    shape = (len(labels), options.size, options.size, 3)
    pictures = torch.from_numpy(numpy.fromfile(options.pixels, numpy.uint8).reshape(shape))
    kept = len(labels) * 9 // 10
    body = resnet_body(BLOCKS["resnet18"], options.width)
    body[0] = nn.Conv2d(3, options.width, 7, 2, 3, bias=False)
    classes = int(labels.max()) + 1
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * options.width, classes))
    network = nn.Sequential(body, head).to(memory_format=torch.channels_last)
    adam = torch.optim.AdamW(network.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 4e-3, options.steps)
    mean, deviation = torch.tensor(MEAN), torch.tensor(DEVIATION)

    def answers(chosen: torch.Tensor, mirrored: bool) -> torch.Tensor:
        seen = (pictures[chosen].float() / 255 - mean) / deviation
        return network(seen.permute(0, 3, 1, 2).flip(3) if mirrored else seen.permute(0, 3, 1, 2))

    for step in range(options.steps):
        chosen = torch.randint(kept, (32,))
        loss = nn.functional.cross_entropy(answers(chosen, step % 2 == 1), labels[chosen])
        adam.zero_grad()
        loss.backward()
        adam.step()
        schedule.step()
    network.eval()
    with torch.no_grad():
        rest = torch.arange(kept, len(labels))
        right = (answers(rest, False).argmax(1) == labels[rest]).float().mean().item()
    print(f"{100 * right:.1f}% of {len(rest)} pictures that it has not seen are told right", flush=True)
    state = {}
    for name, value in body.state_dict().items():
        place, rest = name.split(".", 1)
        state[f"{NAMES[place]}.{rest}"] = value.contiguous()
    save_file(state, options.out)


if __name__ == "__main__":
    main()
