"""A network with real weights that a package ships, beside those of colorizers.py: the file, an input of
noise, and what ONNX Runtime computes.

    python published.py OUT NAME FILE.onnx [--range LOW HIGH]

NAME is what bench/imported.ts calls it. Sizes that the file leaves open are 1.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
import onnxruntime

parser = argparse.ArgumentParser()
parser.add_argument("out", type=Path)
parser.add_argument("name")
parser.add_argument("file", type=Path)
parser.add_argument("--range", type=float, nargs=2, default=(0.0, 1.0))
given = parser.parse_args()
given.out.mkdir(exist_ok=True)
path = given.out / f"{given.name}.onnx"
shutil.copyfile(given.file, path)
session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
random = np.random.default_rng(17)
fed = {}
for index, each in enumerate(session.get_inputs()):
    shape = [size if isinstance(size, int) else 1 for size in each.shape]
    fed[each.name] = random.uniform(*given.range, size=shape).astype(np.float32)
    np.save(given.out / f"{given.name}.in{index}.npy", fed[each.name])
result = session.run(None, fed)[0]
np.save(given.out / f"{given.name}.out.npy", result)
print(f"{given.name}: {', '.join(str(each.shape) for each in fed.values())} to {result.shape}, {np.ptp(result):.3g}")
