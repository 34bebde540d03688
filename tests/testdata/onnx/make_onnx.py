"""Makes small stand-ins of the published colorizers with random weights, exported by both of torch's
exporters at several opsets, and what ONNX Runtime computes with them. Needs torch 2.15.0, onnx
1.23.2, onnxscript 0.7.2, onnxruntime 1.32.0 and onnxconverter-common 1.16.0.

    python make_onnx.py

NAME.KIND.onnx are the networks; NAME.SIZE.{in0,in1,...,out}.npy what goes in and what comes out.
"""

import math
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm, weight_norm

here = Path(__file__).parent
torch.set_num_threads(1)


class Siggraph17(nn.Module):
    """Subsampling by [::2], a dilated convolution, a skip that is added, a transposed convolution."""

    def __init__(self):
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(6))
        self.two = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(8))
        self.three = nn.Sequential(nn.Conv2d(8, 8, 3, padding=2, dilation=2), nn.ReLU())
        self.up = nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1)
        self.short = nn.Conv2d(6, 6, 3, padding=1)
        self.last = nn.Sequential(nn.Conv2d(6, 6, 3, padding=1), nn.LeakyReLU(0.2))
        self.out = nn.Sequential(nn.Conv2d(6, 2, 1), nn.Tanh())

    def forward(self, L, ab, mask):
        one = self.one(torch.cat(((L - 50.0) / 100.0, ab / 110.0, mask), 1))
        three = self.three(self.two(one[:, :, ::2, ::2]))
        return self.out(self.last(F.relu(self.up(three) + self.short(one)))) * 110.0


class Eccv16(nn.Module):
    """Strides inside groups, softmax over channels, and an upsampling at the end."""

    def __init__(self):
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1, stride=2), nn.ReLU(), nn.BatchNorm2d(6))
        self.two = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1, stride=2), nn.ReLU(), nn.BatchNorm2d(8))
        self.three = nn.Sequential(nn.Conv2d(8, 8, 3, padding=2, dilation=2, stride=2), nn.ReLU())
        self.up = nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1)
        self.bins = nn.Conv2d(6, 13, 1)
        self.out = nn.Conv2d(13, 2, 1, bias=False)

    def forward(self, L):
        x = F.relu(self.up(self.three(self.two(self.one((L - 50.0) / 100.0)))))
        ab = self.out(torch.softmax(self.bins(x), 1))
        return F.interpolate(ab, scale_factor=4, mode="bilinear") * 110.0


def spectral(layer):
    return spectral_norm(layer)


class Attention(nn.Module):
    """The self-attention of SAGAN as fastai has it, over pixels in one row."""

    def __init__(self, channels):
        super().__init__()
        conv = lambda out: spectral(nn.Conv1d(channels, out, 1, bias=False))
        self.query, self.key, self.value = conv(channels // 4), conv(channels // 4), conv(channels)
        self.gamma = nn.Parameter(torch.tensor([0.7]))

    def forward(self, x):
        size = x.size()
        x = x.view(*size[:2], -1)
        f, g, h = self.query(x), self.key(x), self.value(x)
        beta = F.softmax(torch.bmm(f.permute(0, 2, 1).contiguous(), g), dim=1)
        return (self.gamma * torch.bmm(h, beta) + x).view(*size).contiguous()


class Shuffle(nn.Module):
    """Convolution, pixel shuffle and the blur of fastai."""

    def __init__(self, inputs, outputs, norm=spectral):
        super().__init__()
        self.conv = nn.Sequential(norm(nn.Conv2d(inputs, outputs * 4, 1, bias=False)), nn.ReLU())
        self.shuffle = nn.PixelShuffle(2)
        self.blur = nn.Sequential(nn.ReplicationPad2d((1, 0, 1, 0)), nn.AvgPool2d(2, stride=1))

    def forward(self, x):
        return self.blur(self.shuffle(self.conv(x)))


class Deoldify(nn.Module):
    """A stem with a max pool, spectral and weight norm, attention, a crop by resizing."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.deep = nn.Sequential(nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.ReLU())
        self.middle = nn.Sequential(spectral(nn.Conv2d(12, 12, 3, padding=1, bias=False)), nn.ReLU(), nn.BatchNorm2d(12))
        self.up = Shuffle(12, 8)
        self.skip = nn.BatchNorm2d(8)
        self.attention = Attention(16)
        self.up2 = Shuffle(16, 6, weight_norm)
        self.last = nn.ConvTranspose2d(6, 6, 2, stride=2)
        self.out = spectral(nn.Conv2d(9, 3, 1))

    def forward(self, x):
        stem = self.stem(x)
        pooled = self.pool(stem)
        up = self.up(self.middle(self.deep(pooled)))
        if up.shape[-2:] != pooled.shape[-2:]:
            up = F.interpolate(up, pooled.shape[-2:], mode="nearest")
        mixed = self.attention(F.relu(torch.cat([up, self.skip(pooled)], 1)))
        full = self.last(self.up2(mixed))
        return torch.sigmoid(self.out(torch.cat([full, x], 1))) * 6 - 3


class Ddcolor(nn.Module):
    """A block of ConvNeXt, a colour decoder with attention over encoded positions, the fusion."""

    def __init__(self, width=16, queries=5):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.stem = nn.Conv2d(3, width, 4, stride=4)
        self.stem_norm = nn.LayerNorm(width, eps=1e-6)
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.pwconv1, self.pwconv2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.rand(width))
        self.channel_norm = nn.LayerNorm(width, eps=1e-6)
        self.shuf = nn.Sequential(spectral(nn.Conv2d(width, width * 16, 1)), nn.ReLU(), nn.PixelShuffle(4))
        self.blur = nn.Sequential(nn.ReplicationPad2d((1, 0, 1, 0)), nn.AvgPool2d(2, stride=1))
        self.query_feat, self.query_embed = nn.Embedding(queries, width), nn.Embedding(queries, width)
        self.cross = nn.MultiheadAttention(width, 4)
        self.cross_norm = nn.LayerNorm(width)
        self.ffn = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.refine = spectral(nn.Conv2d(queries + 3, 2, 1))

    def channels_first(self, x, norm, eps=1e-6):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + eps)
        return norm.weight[:, None, None] * x + norm.bias[:, None, None]

    def positions(self, x, features):
        mask = torch.zeros((x.size(0), x.size(2), x.size(3)), device=x.device, dtype=torch.bool)
        present = ~mask
        y, x = present.cumsum(1, dtype=torch.float32), present.cumsum(2, dtype=torch.float32)
        y = y / (y[:, -1:, :] + 1e-6) * 2 * math.pi
        x = x / (x[:, :, -1:] + 1e-6) * 2 * math.pi
        scale = torch.arange(features, dtype=torch.float32)
        scale = 10000 ** (2 * torch.div(scale, 2, rounding_mode="floor") / features)
        x, y = x[:, :, :, None] / scale, y[:, :, :, None] / scale
        turn = lambda p: torch.stack((p[..., 0::2].sin(), p[..., 1::2].cos()), 4).flatten(3)
        return torch.cat((turn(y), turn(x)), 3).permute(0, 3, 1, 2)

    def forward(self, picture):
        picture = (picture - self.mean) / self.std
        x = self.channels_first(self.stem(picture), self.stem_norm)
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(F.gelu(self.pwconv1(y)))
        x = self.channels_first(x + y.permute(0, 3, 1, 2), self.channel_norm)
        maps = self.blur(self.shuf(x))
        positions = self.positions(x, x.shape[1] // 2).flatten(2).permute(2, 0, 1)
        source = x.flatten(2).permute(2, 0, 1)
        batch = source.shape[1]
        embed = self.query_embed.weight.unsqueeze(1).repeat(1, batch, 1)
        query = self.query_feat.weight.unsqueeze(1).repeat(1, batch, 1)
        attended = self.cross(query=query + embed, key=source + positions, value=source)[0]
        query = self.cross_norm(query + attended)
        query = self.cross_norm(query + self.ffn(query)).transpose(0, 1)
        colours = torch.einsum("bqc,bchw->bqhw", query, maps)
        return self.refine(torch.cat([colours, picture], 1))


def settled(network):
    """In evaluation, with running statistics that are not those of a beginning."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
        if isinstance(module, nn.LayerNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    return network.eval()


def bare(model):
    """Without what says how it was made: source paths and traces are most of the file."""
    del model.metadata_props[:]
    model.doc_string = ""
    graph = model.graph
    del graph.value_info[:]
    for each in [graph, *graph.node, *graph.initializer, *graph.input, *graph.output]:
        del each.metadata_props[:]
        each.doc_string = ""
    return model


def export(network, inputs, path, opset, dynamo, dynamic=False, **more):
    names = [f"in{i}" for i in range(len(inputs))]
    if dynamic and dynamo:
        sizes = {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
        more["dynamic_shapes"] = [sizes] * len(inputs)
    elif dynamic:
        more["dynamic_axes"] = {name: {2: "height", 3: "width"} for name in names}
    if dynamo:
        more["external_data"] = False
    torch.onnx.export(
        network, tuple(inputs), str(path), opset_version=opset, dynamo=dynamo,
        input_names=names, output_names=["out"], **more,
    )
    model = bare(onnx.load(path))
    assert model.opset_import[0].version == opset, path
    onnx.save(model, path)


def compute(path, inputs):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return session.run(None, {n: x.numpy() for n, x in zip(names, inputs)})[0]


def check(path, inputs, expected, tolerance=2e-5):
    made = compute(path, inputs)
    off = np.abs(made - expected).max() / (expected.max() - expected.min())
    print(f"{path.name:40} {path.stat().st_size:8} {off:.1e}")
    assert off <= tolerance, path


def keep(name, inputs, expected):
    for index, each in enumerate(inputs):
        np.save(here / f"{name}.in{index}.npy", each.numpy())
    np.save(here / f"{name}.out.npy", expected)


def float16_weights(path, to):
    """FLOAT16 initializers, each behind a Cast."""
    model = onnx.load(path)
    graph = model.graph
    casts = []
    for each in graph.initializer:
        if each.data_type != TensorProto.FLOAT:
            continue
        name = each.name
        half = numpy_helper.from_array(numpy_helper.to_array(each).astype(np.float16), f"{name}.16")
        each.CopyFrom(half)
        casts.append(helper.make_node("Cast", [f"{name}.16"], [name], name=f"cast {name}", to=1))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, to)


def float16_converted(path, to):
    from onnxconverter_common import float16

    onnx.save(float16.convert_float_to_float16(onnx.load(path), keep_io_types=True), to)


def quantized(path, to):
    from onnxruntime.quantization import quantize_dynamic

    quantize_dynamic(str(path), str(to), op_types_to_quantize=["MatMul", "Gemm"])
    onnx.save(bare(onnx.load(to)), to)


def make(name, network, inputs, opsets, dynamic_inputs=None):
    network = settled(network)
    with torch.no_grad():
        expected = network(*inputs).numpy()
    for dynamo, opset in [*((False, each) for each in opsets), (True, 18), (True, 20)]:
        path = here / f"{name}.{'dynamo' if dynamo else 'legacy'}{opset}.onnx"
        export(network, inputs, path, opset, dynamo)
        check(path, inputs, expected)
    keep(name, inputs, compute(here / f"{name}.legacy{max(opsets)}.onnx", inputs))
    if dynamic_inputs is None:
        return expected
    with torch.no_grad():
        other = network(*dynamic_inputs).numpy()
    for dynamo, opset in ((False, 17), (True, 20)):
        path = here / f"{name}.dynamic-{'dynamo' if dynamo else 'legacy'}{opset}.onnx"
        export(network, inputs, path, opset, dynamo, dynamic=True)
        check(path, inputs, expected)
        check(path, dynamic_inputs, other)
    keep(f"{name}.other", dynamic_inputs, other)
    return expected


def rand(*shape, low=0.0, high=1.0):
    return low + (high - low) * torch.rand(*shape)


def main():
    torch.manual_seed(17)
    light = rand(1, 1, 16, 24, high=100.0)
    hints = [light, rand(1, 2, 16, 24, low=-60.0, high=60.0), (rand(1, 1, 16, 24) > 0.8).float()]
    make("siggraph17", Siggraph17(), hints, [11, 17, 20])
    make("eccv16", Eccv16(), [light], [11, 17, 20])
    picture = rand(2, 3, 36, 32, low=-2.0, high=2.0)
    deoldify = Deoldify()
    expected = make("deoldify", deoldify, [picture], [11, 17, 20])
    unfolded = here / "deoldify.unfolded18.onnx"
    export(deoldify, [picture], unfolded, 18, True, optimize=False)
    check(unfolded, [picture], expected)

    picture, other = rand(1, 3, 32, 32), rand(1, 3, 24, 40)
    expected = make("ddcolor", Ddcolor(), [picture], [12, 17, 20], [other])
    legacy = here / "ddcolor.legacy12.onnx"
    halves = {"float16-weights": float16_weights, "float16": float16_converted, "uint8": quantized}
    for kind, write in halves.items():
        path = here / f"ddcolor.{kind}.onnx"
        write(legacy, path)
        check(path, [picture], expected, 0.05)
        np.save(here / f"ddcolor.{kind}.out.npy", compute(path, [picture]))
    model = onnx.load(here / "ddcolor.dynamo20.onnx")
    onnx.save(
        model, here / "ddcolor.external20.onnx", save_as_external_data=True,
        location="ddcolor.external20.onnx.data", size_threshold=256,
    )
    check(here / "ddcolor.external20.onnx", [picture], expected)


if __name__ == "__main__":
    sys.exit(main())
