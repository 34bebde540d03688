"""Makes small stand-ins of the published colorizers (../onnx/make_onnx.py) as people export them, and the
colours that they give for a photo, with ONNX Runtime between the pre- and postprocessing of the
networks' authors. Needs what make_onnx.py needs.

    python make_imported.py

NAME.onnx are the networks; photo.npy a square of sRGB bytes [size, size, 3]; NAME.ab.npy the a and b that
the photo gets, [size, size, 2]. siggraph17.hinted has a hint of 55 and -27.5 on rows 10 to 19, columns 30 to 39.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

here = Path(__file__).parent
sys.path.insert(0, str(here.parent / "onnx"))
from make_onnx import Ddcolor, Deoldify, Eccv16, Siggraph17, export, settled  # noqa: E402

SIZE = 64

XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
WHITE = np.array([0.95047, 1.0, 1.08883])
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def lab(rgb):
    """L*a*b* of sRGB in [0, 1], [H, W, 3], as scikit-image computes it."""
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ XYZ.T / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def gray_of(L):
    """sRGB in [0, 1] of Lab(L, 0, 0)."""
    f = (L + 16) / 116
    y = np.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
    return np.where(y > 0.0031308, 1.055 * y ** (1 / 2.4) - 0.055, 12.92 * y)


def planes(x):
    """[H, W, C] as [1, C, H, W]."""
    return np.ascontiguousarray(np.moveaxis(x, -1, 0)[None].astype(np.float32))


def run(name, *inputs):
    session = onnxruntime.InferenceSession(str(here / f"{name}.onnx"), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return np.moveaxis(session.run(None, dict(zip(names, inputs)))[0][0], 0, -1).astype(np.float64)


def deoldify_colors(photo):
    """As deoldify/filters.py has it, without the rounding to bytes: Y of the photo, U and V of the result."""
    y = photo @ np.array([0.299, 0.587, 0.114])
    made = run("deoldify", planes((np.repeat(y[..., None], 3, -1) - MEAN) / STD)) * STD + MEAN
    to_yuv = np.array([[0.299, 0.587, 0.114], [-0.14713, -0.28886, 0.436], [0.615, -0.51499, -0.10001]])
    yuv = made @ to_yuv.T
    yuv[..., 0] = y
    return lab(np.clip(yuv @ np.linalg.inv(to_yuv).T, 0, 1))[..., 1:]


def photo():
    """Smooth colours with noise on them, so that nothing is alike."""
    rng = np.random.default_rng(17)
    y, x = np.mgrid[0:SIZE, 0:SIZE] / (SIZE - 1)
    smooth = np.stack([x, y, (x + y) / 2], -1) * 200 + 20
    return np.clip(smooth + rng.normal(0, 12, smooth.shape), 0, 255).astype(np.uint8)


def rand(*shape):
    return torch.rand(*shape)


def main():
    torch.manual_seed(55)
    light, picture = 100 * rand(1, 1, SIZE, SIZE), rand(1, 3, SIZE, SIZE)
    hints = [light, 120 * rand(1, 2, SIZE, SIZE) - 60, (rand(1, 1, SIZE, SIZE) > 0.8).float()]
    export(settled(Ddcolor()), [picture], here / "ddcolor.onnx", 17, False, dynamic=True)
    export(settled(Deoldify()), [picture], here / "deoldify.onnx", 17, False, dynamic=True)
    export(settled(Siggraph17()), hints, here / "siggraph17.onnx", 17, False, dynamic=True)
    export(settled(Eccv16()), [light], here / "eccv16.onnx", 17, False, dynamic=True)
    export(settled(Ddcolor()), [rand(1, 3, SIZE, SIZE)], here / "ddcolor.fixed.onnx", 20, True)
    onnx.save(
        onnx.load(here / "ddcolor.fixed.onnx"), here / "ddcolor.external.onnx", save_as_external_data=True,
        location="ddcolor.external.onnx.data", size_threshold=256,
    )

    bytes_ = photo()
    rgb = bytes_ / 255
    L = lab(rgb)[..., 0]
    drawn = np.zeros((SIZE, SIZE, 3), np.float32)
    drawn[10:20, 30:40] = [0.5, -0.25, 1]
    ab, mask = planes(drawn[..., :2] * 110), planes(drawn[..., 2:])
    gray = planes(np.repeat(gray_of(L)[..., None], 3, -1))
    colors = {
        "ddcolor": run("ddcolor", gray),
        "ddcolor.fixed": run("ddcolor.fixed", gray),
        "deoldify": deoldify_colors(rgb),
        "siggraph17": run("siggraph17", planes(L[..., None]), ab * 0, mask * 0),
        "siggraph17.hinted": run("siggraph17", planes(L[..., None]), ab, mask),
        "eccv16": run("eccv16", planes(L[..., None])),
    }
    np.save(here / "photo.npy", bytes_)
    for name, made in colors.items():
        np.save(here / f"{name}.ab.npy", made.astype(np.float32))
        print(name, made.shape, made.min(), made.max())


main()
