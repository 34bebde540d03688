"""Published colorizers at full size with random weights, exported to ONNX, with what ONNX Runtime
computes: to compare `tinct onnx` with, and to time it by. Needs torch, torchvision, onnx, onnxscript and
onnxruntime (versions in tests/testdata/onnx/make_onnx.py).

    python colorizers.py OUT [siggraph17 eccv16 deoldify ddcolor] [--legacy]

Depths and widths are those of the papers' code; the counts of parameters are asserted.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm, weight_norm


def group(channels, *, dilation=1, stride=1, norm=True):
    """Convolutions of 3x3 with ReLU between them, and a batch norm at the end."""
    layers = []
    for index, (inputs, outputs) in enumerate(zip(channels, channels[1:])):
        last = index == len(channels) - 2
        layers += [
            nn.Conv2d(inputs, outputs, 3, stride if last else 1, dilation, dilation),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, *([nn.BatchNorm2d(channels[-1])] if norm else []))


class Siggraph17(nn.Module):
    def __init__(self):
        super().__init__()
        self.model1 = group([4, 64, 64])
        self.model2 = group([64, 128, 128])
        self.model3 = group([128, 256, 256, 256])
        self.model4 = group([256, 512, 512, 512])
        self.model5 = group([512, 512, 512, 512], dilation=2)
        self.model6 = group([512, 512, 512, 512], dilation=2)
        self.model7 = group([512, 512, 512, 512])
        self.up8, self.short8 = nn.ConvTranspose2d(512, 256, 4, 2, 1), nn.Conv2d(256, 256, 3, 1, 1)
        self.model8 = nn.Sequential(nn.ReLU(), *group([256, 256, 256]))
        self.up9, self.short9 = nn.ConvTranspose2d(256, 128, 4, 2, 1), nn.Conv2d(128, 128, 3, 1, 1)
        self.model9 = nn.Sequential(nn.ReLU(), *group([128, 128]))
        self.up10, self.short10 = nn.ConvTranspose2d(128, 128, 4, 2, 1), nn.Conv2d(64, 128, 3, 1, 1)
        self.model10 = nn.Sequential(nn.ReLU(), nn.Conv2d(128, 128, 3, 1, 1), nn.LeakyReLU(0.2))
        self.classes = nn.Conv2d(256, 529, 1)
        self.out = nn.Sequential(nn.Conv2d(128, 2, 1), nn.Tanh())

    def forward(self, L, ab, mask):
        one = self.model1(torch.cat(((L - 50.0) / 100.0, ab / 110.0, mask), 1))
        two = self.model2(one[:, :, ::2, ::2])
        three = self.model3(two[:, :, ::2, ::2])
        x = self.model4(three[:, :, ::2, ::2])
        x = self.model7(self.model6(self.model5(x)))
        x = self.model8(self.up8(x) + self.short8(three))
        x = self.model9(self.up9(x) + self.short9(two))
        return self.out(self.model10(self.up10(x) + self.short10(one))) * 110.0


class Eccv16(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            group([1, 64, 64], stride=2),
            group([64, 128, 128], stride=2),
            group([128, 256, 256, 256], stride=2),
            group([256, 512, 512, 512]),
            group([512, 512, 512, 512], dilation=2),
            group([512, 512, 512, 512], dilation=2),
            group([512, 512, 512, 512]),
            nn.ConvTranspose2d(512, 256, 4, 2, 1),
            nn.ReLU(),
            group([256, 256, 256], norm=False),
            nn.Conv2d(256, 313, 1),
        )
        self.out = nn.Conv2d(313, 2, 1, bias=False)

    def forward(self, L):
        ab = self.out(torch.softmax(self.layers((L - 50.0) / 100.0), 1))
        return F.interpolate(ab, scale_factor=4, mode="bilinear") * 110.0


def spectral(layer):
    return spectral_norm(layer)


def blur():
    return nn.Sequential(nn.ReplicationPad2d((1, 0, 1, 0)), nn.AvgPool2d(2, stride=1))


def normed(inputs, outputs):
    """fastai's order: convolution, ReLU, batch norm."""
    conv = spectral(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
    return nn.Sequential(conv, nn.ReLU(), nn.BatchNorm2d(outputs))


class Shuffled(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = spectral(nn.Conv2d(inputs, outputs * 4, 1, bias=False))
        self.norm, self.shuffle, self.blur = nn.BatchNorm2d(outputs * 4), nn.PixelShuffle(2), blur()

    def forward(self, x):
        return self.blur(self.shuffle(F.relu(self.norm(self.conv(x)))))


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        conv = lambda out: spectral(nn.Conv1d(channels, out, 1, bias=False))
        self.query, self.key, self.value = conv(channels // 8), conv(channels // 8), conv(channels)
        self.gamma = nn.Parameter(torch.tensor([0.5]))

    def forward(self, x):
        size = x.size()
        x = x.view(*size[:2], -1)
        f, g, h = self.query(x), self.key(x), self.value(x)
        beta = F.softmax(torch.bmm(f.permute(0, 2, 1).contiguous(), g), dim=1)
        return (self.gamma * torch.bmm(h, beta) + x).view(*size).contiguous()


class UnetBlock(nn.Module):
    def __init__(self, inputs, skip, hidden, outputs, attention=False):
        super().__init__()
        self.shuf, self.norm = Shuffled(inputs, hidden), nn.BatchNorm2d(skip)
        self.conv1, self.conv2 = normed(hidden + skip, outputs), normed(outputs, outputs)
        self.attention = Attention(outputs) if attention else nn.Identity()

    def forward(self, x, skip):
        up = self.shuf(x)
        if up.shape[-2:] != skip.shape[-2:]:
            up = F.interpolate(up, skip.shape[-2:], mode="nearest")
        x = F.relu(torch.cat([up, self.norm(skip)], 1))
        return self.attention(self.conv2(self.conv1(x)))


class Deoldify(nn.Module):
    """The artistic model: a ResNet34, and the deep decoder."""

    def __init__(self):
        super().__init__()
        net = torchvision.models.resnet34()
        self.stem = nn.Sequential(net.conv1, net.bn1, net.relu)
        self.pool = net.maxpool
        self.stages = nn.ModuleList([net.layer1, net.layer2, net.layer3, net.layer4])
        self.norm = nn.BatchNorm2d(512)
        self.middle = nn.Sequential(normed(512, 1024), normed(1024, 512))
        self.blocks = nn.ModuleList(
            [
                UnetBlock(512, 256, 256, 768),
                UnetBlock(768, 128, 384, 768, attention=True),
                UnetBlock(768, 64, 384, 672),
                UnetBlock(672, 64, 336, 300),
            ]
        )
        self.shuf = nn.Sequential(weight_norm(nn.Conv2d(300, 1200, 1)), nn.ReLU(), nn.PixelShuffle(2))
        res = lambda: nn.Sequential(spectral(nn.Conv2d(303, 303, 3, padding=1)), nn.ReLU())
        self.res = nn.Sequential(res(), res())
        self.out = spectral(nn.Conv2d(303, 3, 1))

    def forward(self, picture):
        skips = [self.stem(picture)]
        x = self.pool(skips[0])
        for stage in self.stages:
            x = stage(x)
            skips.append(x)
        x = self.middle(F.relu(self.norm(skips.pop())))
        for block in self.blocks:
            x = block(x, skips.pop())
        x = torch.cat([self.shuf(x), picture], 1)
        return torch.sigmoid(self.out(x + self.res(x))) * 6 - 3


class ChannelNorm(nn.LayerNorm):
    """Over the channels of [B, C, H, W], as ConvNeXt writes it out."""

    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + self.eps)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class ConvNextBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.pwconv1, self.pwconv2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.rand(width))

    def forward(self, x):
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(F.gelu(self.pwconv1(y)))
        return x + y.permute(0, 3, 1, 2)


class ColourLayer(nn.Module):
    """Cross attention, self attention and a feed-forward network, each with its norm behind it."""

    def __init__(self):
        super().__init__()
        self.cross, self.own = nn.MultiheadAttention(256, 8), nn.MultiheadAttention(256, 8)
        self.norms = nn.ModuleList([nn.LayerNorm(256) for _ in range(3)])
        self.ffn = nn.Sequential(nn.Linear(256, 2048), nn.ReLU(), nn.Linear(2048, 256))

    def forward(self, x, source, positions, embed):
        x = self.norms[0](x + self.cross(x + embed, source + positions, source)[0])
        x = self.norms[1](x + self.own(x + embed, x + embed, x)[0])
        return self.norms[2](x + self.ffn(x))


class PixelBlock(nn.Module):
    def __init__(self, inputs, skip, outputs):
        super().__init__()
        self.shuf, self.bn = Shuffled(inputs, outputs), nn.BatchNorm2d(skip)
        self.conv = normed(outputs + skip, outputs)

    def forward(self, x, skip):
        return self.conv(F.relu(torch.cat([self.shuf(x), self.bn(skip)], 1)))


class Ddcolor(nn.Module):
    """DDColor-T."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        widths, depths = (96, 192, 384, 768), (3, 3, 9, 3)
        norm = lambda width: ChannelNorm(width, eps=1e-6)
        downs = [nn.Sequential(nn.Conv2d(3, 96, 4, 4), norm(96))]
        downs += [
            nn.Sequential(norm(narrow), nn.Conv2d(narrow, wide, 2, 2))
            for narrow, wide in zip(widths, widths[1:])
        ]
        self.downs = nn.ModuleList(downs)
        self.stages = nn.ModuleList(
            [nn.Sequential(*(ConvNextBlock(w) for _ in range(d))) for w, d in zip(widths, depths)]
        )
        self.skip_norms = nn.ModuleList([norm(width) for width in widths])
        self.last_norm = nn.LayerNorm(768, eps=1e-6)  # of the pooled vector, which nothing takes
        self.pixels = nn.ModuleList(
            [PixelBlock(768, 384, 512), PixelBlock(512, 192, 512), PixelBlock(512, 96, 256)]
        )
        self.last = nn.Sequential(spectral(nn.Conv2d(256, 256 * 16, 1)), nn.ReLU(), nn.PixelShuffle(4), blur())
        self.query_feat, self.query_embed = nn.Embedding(100, 256), nn.Embedding(100, 256)
        self.level_embed = nn.Embedding(3, 256)
        self.projections = nn.ModuleList([nn.Conv2d(width, 256, 1) for width in (512, 512, 256)])
        self.layers = nn.ModuleList([ColourLayer() for _ in range(9)])
        self.decoder_norm = nn.LayerNorm(256)
        self.mlp = nn.Sequential(
            nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256)
        )
        self.refine = spectral(nn.Conv2d(103, 2, 1))

    def positions(self, x):
        present = ~torch.zeros((x.size(0), x.size(2), x.size(3)), dtype=torch.bool)
        y, x = present.cumsum(1, dtype=torch.float32), present.cumsum(2, dtype=torch.float32)
        y = y / (y[:, -1:, :] + 1e-6) * 2 * math.pi
        x = x / (x[:, :, -1:] + 1e-6) * 2 * math.pi
        scale = torch.arange(128, dtype=torch.float32)
        scale = 10000 ** (2 * torch.div(scale, 2, rounding_mode="floor") / 128)
        x, y = x[:, :, :, None] / scale, y[:, :, :, None] / scale
        turn = lambda p: torch.stack((p[..., 0::2].sin(), p[..., 1::2].cos()), 4).flatten(3)
        return torch.cat((turn(y), turn(x)), 3).permute(0, 3, 1, 2)

    def forward(self, picture):
        picture = (picture - self.mean) / self.std
        x, skips = picture, []
        for down, stage, norm in zip(self.downs, self.stages, self.skip_norms):
            x = stage(down(x))
            skips.append(norm(x))
        x, levels = skips.pop(), []
        for block in self.pixels:
            x = block(x, skips.pop())
            levels.append(x)
        maps = self.last(x)
        flat = lambda each: each.flatten(2).permute(2, 0, 1)
        positions = [flat(self.positions(level)) for level in levels]
        sources = [
            flat(project(level)) + self.level_embed.weight[index][None, None, :]
            for index, (project, level) in enumerate(zip(self.projections, levels))
        ]
        batch = picture.shape[0]
        embed = self.query_embed.weight.unsqueeze(1).repeat(1, batch, 1)
        query = self.query_feat.weight.unsqueeze(1).repeat(1, batch, 1)
        for index, layer in enumerate(self.layers):
            query = layer(query, sources[index % 3], positions[index % 3], embed)
        queries = self.mlp(self.decoder_norm(query).transpose(0, 1))
        colours = torch.einsum("bqc,bchw->bqhw", queries, maps)
        return self.refine(torch.cat([colours, picture], 1))


def rand(*shape, low=0.0, high=1.0):
    return low + (high - low) * torch.rand(*shape)


def settled(network, inputs):
    """In evaluation, as if it had been trained: spectral norms and batch norms have seen something."""
    small = [each[:, :, :128, :128].repeat(2, 1, 1, 1) for each in inputs]
    with torch.no_grad():
        for _ in range(3):
            network(*small)
    return network.eval()


networks = {
    "siggraph17": (
        Siggraph17,
        34_187_027,
        lambda: [rand(1, 1, 256, 256, high=100.0), rand(1, 2, 256, 256, low=-60.0, high=60.0), torch.ones(1, 1, 256, 256)],
    ),
    "eccv16": (Eccv16, 32_236_011, lambda: [rand(1, 1, 256, 256, high=100.0)]),
    "deoldify": (Deoldify, 63_646_881, lambda: [rand(1, 3, 560, 560, low=-2.0, high=2.0)]),
    "ddcolor": (Ddcolor, 55_006_640, lambda: [rand(1, 3, 512, 512)]),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", default=list(networks))
    parser.add_argument("--legacy", action="store_true")
    parser.add_argument("--opset", type=int, default=20)
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    for name in options.names:
        torch.manual_seed(17)
        make, count, inputs = networks[name]
        network, given = settled(make(), inputs()), inputs()
        found = sum(each.numel() for each in network.parameters())
        assert found == count, f"{name} has {found} parameters, not {count}"
        path = options.out / f"{name}.onnx"
        names = [f"in{index}" for index in range(len(given))]
        torch.onnx.export(
            network, tuple(given), str(path), opset_version=options.opset, dynamo=not options.legacy,
            input_names=names, output_names=["out"],
        )
        for key, each in zip(names, given):
            np.save(options.out / f"{name}.{key}.npy", each.numpy())
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        fed = {key: each.numpy() for key, each in zip(names, given)}
        cpu = time.process_time()
        result = session.run(None, fed)[0]
        np.save(options.out / f"{name}.out.npy", result)
        print(f"{name}: ONNX Runtime {time.process_time() - cpu:.2f} CPU s, range {np.ptp(result):.3g}")


if __name__ == "__main__":
    main()
