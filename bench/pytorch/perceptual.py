"""The perceptual loss of DDColor: L1 between features of a VGG16 with batch norm, in evaluation mode.

The layers are those of torchvision's `vgg16_bn().features` up to conv5_1, under the same names; a
narrow one makes small fixtures.
"""

import torch
from torch import Tensor, nn

BLOCKS = (2, 2, 3, 3, 1)
WEIGHTS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


class PerceptualLoss(nn.Module):
    """`width` is the channels of the first block, 64 in torchvision."""

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
        """Draws weights and statistics as a trained network could have them."""
        random = torch.Generator().manual_seed(seed)
        for part in self.features:
            if isinstance(part, nn.Conv2d):
                deviation = (2 / part.weight[0].numel()) ** 0.5
                part.weight.normal_(0, deviation, generator=random)
                part.bias.normal_(0, 0.1, generator=random)
            elif isinstance(part, nn.BatchNorm2d):
                part.weight.normal_(1, 0.1, generator=random)
                part.bias.normal_(0, 0.1, generator=random)
                part.running_mean.normal_(0, 0.1, generator=random)
                part.running_var.uniform_(0.5, 1.5, generator=random)

    def maps(self, rgb: Tensor) -> list[Tensor]:
        """The features of sRGB in [0, 1], [B, 3, H, W]."""
        shape = (1, 3, 1, 1)
        h = (rgb - torch.tensor(MEAN).to(rgb).reshape(shape)) / torch.tensor(DEVIATION).to(
            rgb
        ).reshape(shape)
        found = []
        for index, layer in enumerate(self.features):
            h = layer(h)
            if index in self.taps:
                found.append(h)
        return found

    def forward(self, shown: Tensor, real: Tensor) -> Tensor:
        pairs = zip(WEIGHTS, self.maps(shown), self.maps(real))
        return sum(weight * (a - b.detach()).abs().mean() for weight, a, b in pairs)
