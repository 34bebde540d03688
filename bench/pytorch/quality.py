"""Trains the networks on pictures of a file, for `bench/quality.ts`, and writes the generator.

    python quality.py PIXELS --size 64 --count 2000 --steps 600 --seed 0 --out generator.safetensors ...

PIXELS holds `count` pictures of size x size x 3 sRGB bytes. Their order and their mirroring follow
from the seed. Needs torch and safetensors.
"""

import argparse
import time

import numpy
import torch
from safetensors.torch import save_file
from torch import Tensor

from make_parity import build, state_of
from trainer import Trainer

# Linear sRGB to CIE XYZ over that of D65 white (IEC 61966-2-1, ASTM E308).
RGB_TO_XYZ = torch.tensor(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
) / torch.tensor([[0.95047], [1.0], [1.08883]])


def scaled_lab(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """sRGB bytes [B, H, W, 3] as L / 50 - 1 [B, 1, H, W] and ab / 110 [B, 2, H, W]."""
    rgb = pixels.float() / 255
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ RGB_TO_XYZ.T
    f = torch.where(xyz > 0.008856, xyz.clamp(min=0.008856) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(-1)
    lightness = (116 * y - 16) / 50 - 1
    ab = torch.stack([500 * (x - y), 200 * (y - z)], dim=1) / 110
    return lightness.unsqueeze(1), ab


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pixels")
    parser.add_argument("--out", required=True)
    for name in ("size", "count", "steps", "seed", "batch", "n-down", "ngf", "ndf", "n-layers"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--dropout", type=float, default=0.5)
    parser.add_argument("--gan-mode", default="vanilla")
    parser.add_argument("--lambda-l1", type=float, default=100.0)
    options = parser.parse_args()
    shape = (options.count, options.size, options.size, 3)
    pictures = torch.from_numpy(numpy.fromfile(options.pixels, numpy.uint8).reshape(shape))
    generator, discriminator = build(
        {
            **vars(options),
            "init": "norm",
            "init_gain": 0.02,
            "bn_eps": 1e-5,
            "bn_momentum": 0.1,
            "leaky_slope": 0.2,
        }
    )
    networks = [
        network.to(memory_format=torch.channels_last) for network in (generator, discriminator)
    ]
    trainer = Trainer(*networks, options.gan_mode, options.lambda_l1, options.lr)
    random = torch.Generator().manual_seed(options.seed + 1)
    order: list[int] = []
    started = time.monotonic()
    for step in range(options.steps):
        if len(order) < options.batch:
            order = torch.randperm(options.count, generator=random).tolist()
        chosen, order = order[: options.batch], order[options.batch :]
        lightness, ab = scaled_lab(pictures[chosen])
        mirrored = torch.rand(options.batch, generator=random) < 0.5
        mirrored = mirrored[:, None, None, None]
        lightness = torch.where(mirrored, lightness.flip(3), lightness)
        ab = torch.where(mirrored, ab.flip(3), ab)
        made = trainer.step(lightness, ab)
        if (step + 1) % 200 == 0:
            loss = made.losses["loss_G_L1"].item()
            print(f"step {step + 1}: loss_G_L1 {loss:.2f}, {time.monotonic() - started:.0f} s", flush=True)
    save_file(state_of(generator), options.out)


if __name__ == "__main__":
    main()
