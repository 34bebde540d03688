"""The U-Net generator, the PatchGAN discriminator and their losses in PyTorch.

The modules are nested so that a state dictionary has the names of the common PyTorch
implementation of this model: `model.model.1.model.3...weight` in the generator,
`model.K.0.weight` in the discriminator. Tensors are [B, C, H, W]; L, a and b lie in [-1, 1].
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2  # of every leaky ReLU


class UnetBlock(nn.Module):
    """One level of the U-Net: halves its input, runs the block inside, doubles the result.

    The activations work in place, as in the common implementation, and that shows in the numbers:
    what a block hands on through its skip connection is its input after the leaky ReLU.
    """

    def __init__(
        self,
        channels_in: int,
        channels_down: int,
        channels_out: int,
        inside: "UnetBlock | None" = None,
        outermost: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.outermost = outermost
        layers: list[nn.Module] = []
        if not outermost:
            layers.append(nn.LeakyReLU(SLOPE, inplace=True))
        layers.append(nn.Conv2d(channels_in, channels_down, 4, 2, 1, bias=False))
        if inside is not None:
            if not outermost:
                layers.append(nn.BatchNorm2d(channels_down))
            layers.append(inside)
        layers.append(nn.ReLU(inplace=True))
        channels_up = channels_down if inside is None else 2 * channels_down
        layers.append(nn.ConvTranspose2d(channels_up, channels_out, 4, 2, 1, bias=outermost))
        layers.append(nn.Tanh() if outermost else nn.BatchNorm2d(channels_out))
        if dropout > 0:
            layers.append(nn.Dropout(dropout))
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        if self.outermost:
            return self.model(x)
        return torch.cat([x, self.model(x)], dim=1)


class Generator(nn.Module):
    """The U-Net: L [B, 1, H, W] in, ab [B, 2, H, W] out; H and W are multiples of 2^n_down."""

    def __init__(self, n_down: int = 8, ngf: int = 64, dropout: float = 0.5) -> None:
        super().__init__()
        widths = [ngf * min(2**level, 8) for level in range(n_down)]
        block = None
        for level in range(n_down - 1, 0, -1):
            middle = block is not None and widths[level - 1] == widths[level]
            block = UnetBlock(
                channels_in=widths[level - 1],
                channels_down=widths[level],
                channels_out=widths[level - 1],
                inside=block,
                dropout=dropout if middle else 0.0,
            )
        self.model = UnetBlock(1, widths[0], 2, inside=block, outermost=True)

    def forward(self, lightness: Tensor) -> Tensor:
        return self.model(lightness)


class Discriminator(nn.Module):
    """The PatchGAN: Lab [B, 3, H, W] in, a logit a patch [B, 1, h, w] out.

    `norm` is batch, instance, none or spectral. Where it is not batch norm, the convolution has a
    bias. Spectral norm is that of every convolution's weight.
    """

    def __init__(self, ndf: int = 64, n_layers: int = 3, norm: str = "batch") -> None:
        super().__init__()
        make_norm = {"batch": nn.BatchNorm2d, "instance": nn.InstanceNorm2d}.get(norm)
        blocks = [nn.Sequential(nn.Conv2d(3, ndf, 4, 2, 1), nn.LeakyReLU(SLOPE, inplace=True))]
        for layer in range(n_layers):
            channels = ndf * 2**layer
            stride = 1 if layer == n_layers - 1 else 2
            layers: list[nn.Module] = [
                nn.Conv2d(channels, 2 * channels, 4, stride, 1, bias=norm != "batch")
            ]
            if make_norm is not None:
                layers.append(make_norm(2 * channels))
            layers.append(nn.LeakyReLU(SLOPE, inplace=True))
            blocks.append(nn.Sequential(*layers))
        blocks.append(nn.Sequential(nn.Conv2d(ndf * 2**n_layers, 1, 4, 1, 1)))
        self.model = nn.Sequential(*blocks)
        if norm == "spectral":
            for block in self.model:
                nn.utils.spectral_norm(block[0])

    def forward(self, lab: Tensor) -> Tensor:
        return self.model(lab)


def initialize(module: nn.Module, init: str, gain: float) -> None:
    """Draws every weight anew: `init` is norm, xavier or kaiming. Batch norms start around 1."""
    draw = {
        "norm": lambda weight: nn.init.normal_(weight, 0.0, gain),
        "xavier": lambda weight: nn.init.xavier_normal_(weight, gain),
        "kaiming": lambda weight: nn.init.kaiming_normal_(weight, a=0.0, mode="fan_in"),
    }[init]
    for part in module.modules():
        if isinstance(part, (nn.Conv2d, nn.ConvTranspose2d)):
            draw(getattr(part, "weight_orig", part.weight))
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.weight, 1.0, gain)
            nn.init.zeros_(part.bias)


def gan_loss(mode: str, patches: Tensor, target: float) -> Tensor:
    """The mean loss of the patches' logits against one target: `mode` is vanilla or lsgan."""
    targets = torch.full_like(patches, target)
    if mode == "vanilla":
        return F.binary_cross_entropy_with_logits(patches, targets)
    if mode == "lsgan":
        return F.mse_loss(patches, targets)
    raise ValueError(f"gan_mode must be vanilla, lsgan, wgangp or hinge, not {mode!r}")


def discriminator_loss(mode: str, patches: Tensor, real: bool, target: float) -> Tensor:
    """What the discriminator minimizes on real or on generated pictures."""
    if mode == "wgangp":
        return -patches.mean() if real else patches.mean()
    if mode == "hinge":
        return F.relu(1.0 - patches if real else 1.0 + patches).mean()
    return gan_loss(mode, patches, target)


def generator_loss(mode: str, patches: Tensor) -> Tensor:
    """What the generator minimizes of the discriminator's answers on its pictures."""
    if mode in ("wgangp", "hinge"):
        return -patches.mean()
    return gan_loss(mode, patches, 1.0)


def gradient_penalty(critic: nn.Module, pictures: Tensor) -> Tensor:
    """(slope - 1)^2, averaged over the pictures: the slope of the mean over a picture's patches."""
    pictures = pictures.detach().requires_grad_(True)
    answers = critic(pictures).mean(dim=(1, 2, 3))
    (gradient,) = torch.autograd.grad(answers.sum(), pictures, create_graph=True)
    slope = gradient.flatten(1).norm(2, dim=1)
    return ((slope - 1) ** 2).mean()


def colorfulness(ab: Tensor) -> Tensor:
    """Hasler and Suesstrunk's first measure in CIELAB, a number a picture: [B, 2, H, W] to [B]."""
    mean = ab.mean(dim=(2, 3))
    variance = ab.var(dim=(2, 3), correction=0)
    return (variance.sum(1) + 1e-10).sqrt() + 0.37 * ((mean**2).sum(1) + 1e-10).sqrt()
