"""The dynamic U-Net in PyTorch: a ResNet whose features a decoder brings back up to the picture.

The modules are nested so that a state dictionary has the names of fastai 2.4's DynamicUnet on a
body of torchvision's ResNet: `layers.0.4.0.conv1.weight` in the body, `layers.4.shuf.0.0.weight` in
the decoder. Tensors are [B, C, H, W]; L lies in [-1, 1], ab / 110 comes out, without a tanh.
"""

import torch
from torch import Tensor, nn

BLOCKS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3)}
DECODER_NORMS = ("none", "batch", "spectral")


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside the input (He et al., 2016), as torchvision names them."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or channels_in != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        beside = x if self.downsample is None else self.downsample(x)
        h = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(h)) + beside)


def resnet_body(blocks: tuple[int, ...], width: int) -> nn.Sequential:
    """A ResNet without its pooling and its classes: conv1, bn1, relu, maxpool, layer1 to layer4."""
    stem = [nn.Conv2d(1, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)]
    parts: list[nn.Module] = [*stem, nn.ReLU(inplace=False), nn.MaxPool2d(3, 2, 1)]
    channels_in = width
    for level, count in enumerate(blocks):
        channels = width * 2**level
        layer = [BasicBlock(channels_in, channels, 1 if level == 0 else 2)]
        layer += [BasicBlock(channels, channels, 1) for _ in range(count - 1)]
        parts.append(nn.Sequential(*layer))
        channels_in = channels
    return nn.Sequential(*parts)


def conv_layer(
    channels_in: int,
    channels: int,
    kernel: int,
    norm: str,
    act: bool = True,
    plain: bool = False,
    norm_first: bool = False,
) -> nn.Sequential:
    """A convolution of the decoder.

    `norm` none: with a bias. batch: batch norm, then ReLU. spectral (as DeOldify has it): spectral
    norm on the weights, ReLU, then batch norm; `norm_first` puts the batch norm before the ReLU.
    `plain` leaves the batch norm out, and keeps the bias.
    """
    batch = norm != "none" and not plain
    convolution = nn.Conv2d(channels_in, channels, kernel, padding=kernel // 2, bias=not batch)
    if norm == "spectral":
        nn.utils.spectral_norm(convolution)
    layers: list[nn.Module] = [convolution]
    if batch and (norm == "batch" or norm_first):
        layers.append(nn.BatchNorm2d(channels))
    if act:
        layers.append(nn.ReLU(inplace=True))
    if batch and norm == "spectral" and not norm_first:
        layers.append(nn.BatchNorm2d(channels))
    return nn.Sequential(*layers)


def upsample(channels_in: int, channels: int, norm: str, plain: bool = False) -> nn.Sequential:
    """Twice the sides: a 1x1 convolution to four times the channels, ReLU, pixel shuffle."""
    convolution = conv_layer(channels_in, 4 * channels, 1, norm, plain=plain, norm_first=True)
    return nn.Sequential(convolution, nn.PixelShuffle(2))


class UpBlock(nn.Module):
    """One level of the decoder: brings its input up, and joins it with the body's features."""

    def __init__(self, channels_in: int, channels_skip: int, norm: str, last: bool) -> None:
        super().__init__()
        self.shuf = upsample(channels_in, channels_in // 2, norm)
        self.bn = nn.BatchNorm2d(channels_skip)
        joined = channels_in // 2 + channels_skip
        self.channels = joined // 2 if last else joined
        self.conv1 = conv_layer(joined, self.channels, 3, norm)
        self.conv2 = conv_layer(self.channels, self.channels, 3, norm)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        joined = self.relu(torch.cat([self.shuf(x), self.bn(skip)], dim=1))
        return self.conv2(self.conv1(joined))


class ResBlock(nn.Module):
    """Two 3x3 convolutions beside their input."""

    def __init__(self, channels: int, norm: str) -> None:
        super().__init__()
        plain = norm == "spectral"
        self.convpath = nn.Sequential(
            conv_layer(channels, channels, 3, norm, plain=plain),
            conv_layer(channels, channels, 3, norm, act=False, plain=plain),
        )
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.convpath(x) + x)


class DynamicUnet(nn.Module):
    """L [B, 1, H, W] in, ab / 110 [B, 2, H, W] out; H and W are multiples of 32.

    `width` is the body's: 64 is a ResNet's own. `decoder_norm` is none (the tutorial's), batch, or
    spectral (DeOldify's). With `encoder_norm` eval the body's batch norms use their running
    statistics while training, too, and leave them as they are.
    """

    def __init__(
        self,
        network: str = "resnet18",
        width: int = 64,
        decoder_norm: str = "none",
        encoder_norm: str = "train",
    ) -> None:
        super().__init__()
        self.encoder_norm = encoder_norm
        deepest = 8 * width
        middle = nn.Sequential(
            conv_layer(deepest, 2 * deepest, 3, decoder_norm),
            conv_layer(2 * deepest, deepest, 3, decoder_norm),
        )
        body = resnet_body(BLOCKS[network], width)
        layers: list[nn.Module] = [body, nn.BatchNorm2d(deepest), nn.ReLU(), middle]
        channels = deepest
        for skip in (4 * width, 2 * width, width, width):
            block = UpBlock(channels, skip, decoder_norm, last=len(layers) == 7)
            channels = block.channels
            layers.append(block)
        spectral = decoder_norm == "spectral"
        layers.append(upsample(channels, channels, decoder_norm, plain=spectral))
        # fastai resizes (9) and concatenates (10) here; forward() does the latter.
        layers += [nn.Identity(), nn.Identity(), ResBlock(channels + 1, decoder_norm)]
        layers.append(conv_layer(channels + 1, 2, 1, decoder_norm, act=False, plain=True))
        self.layers = nn.ModuleList(layers)

    def encoder(self) -> nn.Module:
        """The body, whose parameters may have a rate of their own."""
        return self.layers[0]

    def train(self, mode: bool = True) -> "DynamicUnet":
        super().train(mode)
        if self.encoder_norm == "eval":
            for part in self.encoder().modules():
                if isinstance(part, nn.BatchNorm2d):
                    part.eval()
        return self

    def forward(self, lightness: Tensor) -> Tensor:
        skips = []
        x = lightness
        for place, part in enumerate(self.layers[0]):
            x = part(x)
            if place in (2, 4, 5, 6):  # relu, layer1, layer2, layer3
                skips.append(x)
        for part in self.layers[1:4]:
            x = part(x)
        for block, skip in zip(self.layers[4:8], reversed(skips)):
            x = block(x, skip)
        x = torch.cat([self.layers[8](x), lightness], dim=1)
        return self.layers[12](self.layers[11](x))


def initialize(network: DynamicUnet) -> None:
    """Draws every weight by He et al. (2015), those before a pixel shuffle by ICNR.

    ICNR (Aitken et al., 2017): the four channels that become one square of pixels start alike, so
    that the first pictures have no checkerboard.
    """
    for part in network.modules():
        if isinstance(part, nn.Conv2d):
            weight = part.weight_orig if hasattr(part, "weight_orig") else part.weight
            nn.init.kaiming_normal_(weight, a=0.0, mode="fan_in")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    for part in network.modules():
        if isinstance(part, nn.Sequential) and isinstance(part[-1], nn.PixelShuffle):
            convolution = part[0][0]
            spectral = hasattr(convolution, "weight_orig")
            weight = convolution.weight_orig if spectral else convolution.weight
            with torch.no_grad():
                weight.copy_(weight[::4].repeat_interleave(4, dim=0))
