"""Perceptual losses: L1 between features of a frozen network, in evaluation mode.

`PerceptualLoss` is DDColor's, with a VGG16 with batch norm: the layers of torchvision's
`vgg16_bn().features` up to conv5_1, under the same names. `EncoderLoss` sees with a ResNet of RGB,
under the names of a dynamic U-Net's body. Narrow ones make small fixtures.
"""

import torch
from torch import Tensor, nn

from dynamic_unet import BLOCKS as RESNET_BLOCKS
from dynamic_unet import resnet_body

BLOCKS = (2, 2, 3, 3, 1)
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


def normalized(rgb: Tensor) -> Tensor:
    """sRGB in [0, 1] as networks see it that were trained on ImageNet."""
    shape = (1, 3, 1, 1)
    mean = torch.tensor(MEAN).to(rgb).reshape(shape)
    return (rgb - mean) / torch.tensor(DEVIATION).to(rgb).reshape(shape)


def draw(parts: nn.Module, seed: int) -> None:
    """Draws weights and statistics as a trained network could have them."""
    random = torch.Generator().manual_seed(seed)
    for part in parts.modules():
        if isinstance(part, nn.Conv2d):
            deviation = (2 / part.weight[0].numel()) ** 0.5
            part.weight.normal_(0, deviation, generator=random)
            if part.bias is not None:
                part.bias.normal_(0, 0.1, generator=random)
        elif isinstance(part, nn.BatchNorm2d):
            part.weight.normal_(1, 0.1, generator=random)
            part.bias.normal_(0, 0.1, generator=random)
            part.running_mean.normal_(0, 0.1, generator=random)
            part.running_var.uniform_(0.5, 1.5, generator=random)


class FeatureLoss(nn.Module):
    """The features' mean absolute differences, each by its share; none leads to what is real."""

    shares: tuple[float, ...]

    def maps(self, rgb: Tensor) -> list[Tensor]:
        """The features of sRGB in [0, 1], [B, 3, H, W]."""
        raise NotImplementedError

    def forward(self, shown: Tensor, real: Tensor) -> Tensor:
        pairs = zip(self.shares, self.maps(shown), self.maps(real))
        return sum(share * (a - b.detach()).abs().mean() for share, a, b in pairs)


class EncoderLoss(FeatureLoss):
    """The first ReLU and the ends of the first three stages of a ResNet."""

    shares = (1 / 8, 1 / 4, 1 / 2, 1)

    def __init__(self, network: str, width: int) -> None:
        super().__init__()
        body = resnet_body(RESNET_BLOCKS[network], width)[:-1]  # the fourth stage is not looked at
        body[0] = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.layers = nn.ModuleList([body])
        self.requires_grad_(False)
        self.eval()

    def draw(self, seed: int) -> None:
        draw(self, seed)

    def maps(self, rgb: Tensor) -> list[Tensor]:
        h = normalized(rgb)
        found = []
        for place, part in enumerate(self.layers[0]):
            h = part(h)
            if place in (2, 4, 5, 6):  # relu, layer1, layer2, layer3
                found.append(h)
        return found


class PerceptualLoss(FeatureLoss):
    """`width` is the channels of the first block, 64 in torchvision."""

    shares = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        self.taps: list[int] = []
        channels = 3
        for block, count in enumerate(BLOCKS):
            for index in range(count):
                if index == 0:
                    self.taps.append(len(layers))
                wanted = width * min(2**block, 8)
                layers += [nn.Conv2d(channels, wanted, 3, padding=1)]
                layers += [nn.BatchNorm2d(wanted), nn.ReLU(inplace=False)]
                channels = wanted
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers[: self.taps[-1] + 1])
        self.requires_grad_(False)
        self.eval()

    def draw(self, seed: int) -> None:
        draw(self, seed)

    def maps(self, rgb: Tensor) -> list[Tensor]:
        h = normalized(rgb)
        found = []
        for index, layer in enumerate(self.features):
            h = layer(h)
            if index in self.taps:
                found.append(h)
        return found
