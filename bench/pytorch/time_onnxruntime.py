"""Times a network of colorizers.py in ONNX Runtime; what bench/imported.ts holds Tinct against.

    python time_onnxruntime.py FOLDER NAME [--calls 3] [--threads 2] [--cpu]
"""

import argparse
import json
import re
import time
from pathlib import Path

started = time.perf_counter()
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("name")
parser.add_argument("--calls", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--cpu", action="store_true")
given = parser.parse_args()

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = given.threads
now = time.perf_counter
if given.cpu:
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    now = time.process_time
path = given.folder / f"{given.name}.onnx"
session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
inputs = {
    each.name: np.load(given.folder / f"{given.name}.in{index}.npy") for index, each in enumerate(session.get_inputs())
}
session.run(None, inputs)
load = time.perf_counter() - started
seconds = []
for _ in range(given.calls):
    begun = now()
    session.run(None, inputs)
    seconds.append(now() - begun)
peak = int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1000
print(json.dumps({"seconds": seconds, "loadSeconds": load, "peakMB": peak}))
