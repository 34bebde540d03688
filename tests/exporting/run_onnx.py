"""Checks networks by onnx.checker and computes them by ONNX Runtime, as cases.json of a folder says.

A case has its model, inputs by name (a raw file, dtype, shape) and the file its first output goes to.
Prints what came of each as JSON: the output's shape and dtype, opset, and operations.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

folder = pathlib.Path(sys.argv[1])
said = []
for case in json.loads((folder / "cases.json").read_text()):
    path = folder / case["model"]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = {
        name: np.fromfile(folder / each["file"], each["dtype"]).reshape(each["shape"])
        for name, each in case["inputs"].items()
    }
    [output, *_] = session.run(None, inputs)
    output.tofile(folder / case["output"])
    said.append(
        {
            "shape": list(output.shape),
            "dtype": str(output.dtype),
            "opset": model.opset_import[0].version,
            "operations": sorted({node.op_type for node in model.graph.node}),
            "inputs": {each.name: each.shape for each in session.get_inputs()},
            "metadata": {each.key: each.value for each in model.metadata_props},
        }
    )
print(json.dumps(said))
