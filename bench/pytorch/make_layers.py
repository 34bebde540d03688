"""Makes tests/testdata/layers.json: layers of DDColor in PyTorch, what they compute, and the gradients.

    python make_layers.py ../../tests/testdata/layers.json

Of each layer: `inputs` by name with their shapes, `y`, and the gradients of sum(y dy) by each input.
Pictures are [B, H, W, C], depthwise kernels [k, k, 1, C], linear weights [out, in].
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def last(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1)


def first(x: Tensor) -> Tensor:
    return x.permute(0, 3, 1, 2)


def depthwise(x: Tensor, filter: Tensor) -> Tensor:
    kernels = filter.permute(3, 2, 0, 1)  # [C, 1, k, k]
    return last(F.conv2d(first(x), kernels, padding=filter.shape[0] // 2, groups=x.shape[3]))


def layer_norm(x: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    return F.layer_norm(x, scale.shape, scale, offset, 1e-6)


def blur(x: Tensor) -> Tensor:
    return last(nn.AvgPool2d(2, 1)(nn.ReplicationPad2d((1, 0, 1, 0))(first(x))))


def shuffle(x: Tensor) -> Tensor:
    return last(nn.PixelShuffle(4)(first(x)))


def attention(queries: Tensor, keys: Tensor, values: Tensor, **weights: Tensor) -> Tensor:
    names = ("in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias")
    packed = nn.MultiheadAttention(8, 4, batch_first=True).double()
    given = {name.replace("out_proj_", "out_proj."): weights[name] for name in names}
    result, _ = torch.func.functional_call(packed, given, (queries, keys, values))
    return result


def layer(compute: Callable[..., Tensor], **inputs: Tensor) -> dict:
    given = {name: value.double().requires_grad_() for name, value in inputs.items()}
    y = compute(**given)
    dy = torch.randn(y.shape, dtype=torch.float64)
    gradients = torch.autograd.grad((y * dy).sum(), list(given.values()))

    def listed(value: Tensor) -> dict:
        numbers = [float(f"{number:.7g}") for number in value.detach().flatten().tolist()]
        return {"shape": list(value.shape), "values": numbers}

    return {
        "inputs": {name: listed(value) for name, value in given.items()},
        "y": listed(y),
        "dy": listed(dy),
        "gradients": {name: listed(value) for name, value in zip(given, gradients)},
    }


def main() -> None:
    torch.manual_seed(56)
    draw = torch.randn
    layers = {
        "depthwise": layer(depthwise, x=draw(2, 6, 9, 3), filter=draw(7, 7, 1, 3)),
        "layer_norm": layer(layer_norm, x=draw(2, 3, 2, 5) + 1, scale=draw(5), offset=draw(5)),
        "gelu": layer(F.gelu, input=2 * draw(4, 9)),
        "blur": layer(blur, x=draw(2, 3, 4, 2)),
        "pixel_shuffle": layer(shuffle, x=draw(1, 2, 3, 32)),
        "attention": layer(
            attention,
            queries=draw(2, 3, 8),
            keys=draw(2, 5, 8),
            values=draw(2, 5, 8),
            in_proj_weight=draw(24, 8) / 2,
            in_proj_bias=draw(24),
            out_proj_weight=draw(8, 8) / 2,
            out_proj_bias=draw(8),
        ),
    }
    Path(sys.argv[1]).write_text(json.dumps(layers) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
