"""DDColor with ConvNeXt-T in PyTorch, for lightness in and scaled ab out.

The modules are nested so that a state dictionary has the names of the published weights:
`encoder.arch.stages.0.0.dwconv.weight`, `decoder.layers.0.shuf.conv.0.weight_orig`,
`decoder.color_decoder.query_feat.weight`, `refine_net.0.0.bias`. Tensors are [B, C, H, W]. The network
takes gray sRGB normalized by ImageNet and gives ab in the units of L*a*b*; `forward` puts L in [-1, 1]
before it and a division by 110 behind it.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

DEPTHS = (3, 3, 9, 3)
QUERIES, LAYERS, HEADS = 100, 9, 8


class ChannelNorm(nn.Module):
    """Layer norm over the channels of [B, C, H, W]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        last = F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6)
        return last.permute(0, 3, 1, 2)


class ConvnextBlock(nn.Module):
    """Liu et al. (2022): a depthwise convolution and two linear layers beside the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), 1e-6))
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(F.gelu(self.pwconv1(y)))
        return x + y.permute(0, 3, 1, 2)


class Convnext(nn.Module):
    """The four stages; `norm0` to `norm3` are those of what each gives."""

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        downs = [nn.Sequential(nn.Conv2d(3, widths[0], 4, 4), ChannelNorm(widths[0]))]
        for before, width in zip(widths, widths[1:]):
            downs.append(nn.Sequential(ChannelNorm(before), nn.Conv2d(before, width, 2, 2)))
        self.downsample_layers = nn.ModuleList(downs)
        self.stages = nn.ModuleList(
            nn.Sequential(*(ConvnextBlock(width) for _ in range(depth)))
            for width, depth in zip(widths, DEPTHS)
        )
        for stage, width in enumerate(widths):
            self.add_module(f"norm{stage}", ChannelNorm(width))
        self.norm = nn.LayerNorm(widths[-1], eps=1e-6)  # of a pooled vector, which nothing here needs

    def forward(self, x: Tensor) -> list[Tensor]:
        seen = []
        for stage, (down, blocks) in enumerate(zip(self.downsample_layers, self.stages)):
            x = blocks(down(x))
            seen.append(getattr(self, f"norm{stage}")(x))
        return seen


class Shuffle(nn.Module):
    """A 1x1 convolution whose channels become pixels, and a blur against the checkerboard."""

    def __init__(self, channels_in: int, channels: int, factor: int, norm: bool) -> None:
        super().__init__()
        outputs = channels * factor**2
        layers: list[nn.Module] = [spectral_norm(nn.Conv2d(channels_in, outputs, 1, bias=not norm))]
        if norm:
            layers.append(nn.BatchNorm2d(outputs))
        self.conv = nn.Sequential(*layers)
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        shuffled = F.pixel_shuffle(F.relu(self.conv(x)), self.factor)
        return F.avg_pool2d(F.pad(shuffled, (1, 0, 1, 0), mode="replicate"), 2, 1)


class PixelLevel(nn.Module):
    """One level of the pixel decoder: brings its input up and joins it with the encoder's."""

    def __init__(self, channels_in: int, skip: int, channels: int) -> None:
        super().__init__()
        self.shuf = Shuffle(channels_in, channels, 2, norm=True)
        self.bn = nn.BatchNorm2d(skip)
        convolution = nn.Conv2d(channels + skip, channels, 3, padding=1, bias=False)
        self.conv = nn.Sequential(spectral_norm(convolution), nn.ReLU(), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.conv(F.relu(torch.cat([self.shuf(x), self.bn(skip)], dim=1)))


class CrossAttention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.multihead_attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, embed: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        return self.norm(x + self.multihead_attn(x + embed, keys, values, need_weights=False)[0])


class SelfAttention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, embed: Tensor) -> Tensor:
        placed = x + embed
        return self.norm(x + self.self_attn(placed, placed, x, need_weights=False)[0])


class FeedForward(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(width, inner)
        self.linear2 = nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x + self.linear2(F.relu(self.linear1(x))))


class Perceptron(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers[2](F.relu(self.layers[1](F.relu(self.layers[0](x)))))


def positions(height: int, width: int, channels: int, like: Tensor) -> Tensor:
    """Sines and cosines of a picture's rows, then of its columns: [height width, channels]."""
    half = channels // 2
    index = torch.arange(half, dtype=torch.float64)
    wavelength = 10000 ** (2 * (index // 2) / half)

    def waves(length: int) -> Tensor:
        place = torch.arange(1, length + 1, dtype=torch.float64) / (length + 1e-6) * 2 * math.pi
        angle = place[:, None] / wavelength
        return torch.where(index % 2 == 0, angle.sin(), angle.cos())

    rows = waves(height)[:, None, :].expand(height, width, half)
    columns = waves(width)[None, :, :].expand(height, width, half)
    return torch.cat([rows, columns], dim=2).reshape(-1, channels).to(like)


class ColorDecoder(nn.Module):
    """Queries that look at the pixel decoder's pictures, a vector of colour each."""

    def __init__(self, width: int, inner: int, levels: list[int]) -> None:
        super().__init__()
        each = range(LAYERS)
        self.transformer_self_attention_layers = nn.ModuleList(SelfAttention(width) for _ in each)
        self.transformer_cross_attention_layers = nn.ModuleList(CrossAttention(width) for _ in each)
        self.transformer_ffn_layers = nn.ModuleList(FeedForward(width, inner) for _ in each)
        self.decoder_norm = nn.LayerNorm(width)
        self.query_feat = nn.Embedding(QUERIES, width)
        self.query_embed = nn.Embedding(QUERIES, width)
        self.level_embed = nn.Embedding(len(levels), width)
        self.input_proj = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in levels)
        self.color_embed = Perceptron(width)

    def forward(self, pictures: list[Tensor]) -> Tensor:
        keys, values = [], []
        for level, (picture, project) in enumerate(zip(pictures, self.input_proj)):
            projected = project(picture).flatten(2).transpose(1, 2) + self.level_embed.weight[level]
            height, width = picture.shape[2:]
            keys.append(projected + positions(height, width, projected.shape[2], projected))
            values.append(projected)
        embed = self.query_embed.weight
        x = self.query_feat.weight.expand(len(pictures[0]), -1, -1)
        for index in range(LAYERS):
            level = index % len(pictures)
            cross = self.transformer_cross_attention_layers[index]
            x = cross(x, embed, keys[level], values[level])
            x = self.transformer_self_attention_layers[index](x, embed)
            x = self.transformer_ffn_layers[index](x)
        return self.color_embed(self.decoder_norm(x))


class Encoder(nn.Module):
    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.arch = Convnext(widths)


class Decoder(nn.Module):
    def __init__(self, widths: list[int], outputs: list[int], width: int, inner: int) -> None:
        super().__init__()
        inputs = [widths[3], *outputs[:2]]
        self.layers = nn.ModuleList(
            PixelLevel(channels_in, skip, channels)
            for channels_in, skip, channels in zip(inputs, reversed(widths[:3]), outputs)
        )
        self.last_shuf = Shuffle(width, width, 4, norm=False)
        self.color_decoder = ColorDecoder(width, inner, outputs)


class Ddcolor(nn.Module):
    """L [B, 1, H, W] in, ab / 110 [B, 2, H, W] out; H and W are multiples of 32.

    `width` 64 is the published DDColor-T, of 55,006,640 parameters; an even number else, and every
    width is in proportion.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        widths = [width * 3 // 2 * 2**stage for stage in range(4)]
        outputs = [8 * width, 8 * width, 4 * width]
        self.encoder = Encoder(widths)
        self.decoder = Decoder(widths, outputs, 4 * width, 32 * width)
        self.refine_net = nn.Sequential(nn.Sequential(spectral_norm(nn.Conv2d(QUERIES + 3, 2, 1))))
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1))

    def colors(self, picture: Tensor) -> Tensor:
        """ab in the units of L*a*b*, of sRGB [B, 3, H, W] in [0, 1]."""
        picture = (picture - self.mean) / self.std
        seen = self.encoder.arch(picture)
        x, pictures = seen.pop(), []
        for level in self.decoder.layers:
            x = level(x, seen.pop())
            pictures.append(x)
        queries = self.decoder.color_decoder(pictures)
        maps = torch.einsum("bqc,bchw->bqhw", queries, self.decoder.last_shuf(x))
        return self.refine_net(torch.cat([maps, picture], dim=1))

    def forward(self, lightness: Tensor) -> Tensor:
        f = (lightness * 50 + 66) / 116
        luminance = torch.where(f > 0.008856 ** (1 / 3), f**3, (f - 16 / 116) / 7.787)
        power = 1.055 * luminance.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
        gray = torch.where(luminance > 0.0031308, power, 12.92 * luminance)
        return self.colors(gray.expand(-1, 3, -1, -1)) / 110


def initialize(network: Ddcolor) -> None:
    """Draws every weight so that each layer shows in the numbers; not how a training begins."""
    for name, parameter in network.named_parameters():
        if name.endswith("gamma"):
            nn.init.normal_(parameter, 0.5, 0.2)
        elif parameter.dim() == 1 and name.endswith("weight"):
            nn.init.normal_(parameter, 1.0, 0.2)
        elif parameter.dim() == 1:
            nn.init.normal_(parameter, 0.0, 0.2)
        elif "embed.weight" in name or "query_feat" in name:
            nn.init.normal_(parameter)
        else:
            nn.init.kaiming_normal_(parameter, a=1.0)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.weight, 0.5, 0.1)
            nn.init.normal_(part.bias, 0.5, 0.5)
