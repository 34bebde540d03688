"""Makes operations.onnx, forms of ONNX's operations that make_onnx.py's networks do not have, each with
an output of its own, and operations.out.npy, all that ONNX Runtime gives, one output after the
other. Needs onnx 1.23.2, onnxruntime 1.32.0 and numpy.

    python make_operations.py
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

here = Path(__file__).parent
random = np.random.default_rng(5)
nodes, initializers, outputs = [], [], []


def constant(values, dtype=None):
    name = f"constant{len(initializers)}"
    initializers.append(numpy_helper.from_array(np.asarray(values, dtype), name))
    return name


def weights(*shape):
    return constant(random.normal(size=shape).astype(np.float32))


def integers(*values):
    return constant(values, np.int64)


def case(operation, *inputs, count=1, **attributes):
    """A node whose outputs are the graph's."""
    made = [f"{operation}{len(nodes)}_{i}" for i in range(count)]
    nodes.append(helper.make_node(operation, list(inputs), made, **attributes))
    outputs.extend(made)
    return made[0]


x = "x"  # [2, 4, 7, 9]
case("Conv", x, weights(6, 2, 3, 3), weights(6), group=2, pads=[1, 1, 1, 1])
case("Conv", x, weights(6, 2, 3, 2), group=2, strides=[2, 1], dilations=[2, 3], pads=[0, 2, 1, 0])
case("Conv", x, weights(8, 1, 3, 3), group=4, dilations=[2, 1], pads=[2, 1, 2, 1])
case("Conv", x, weights(4, 1, 3, 5), weights(4), group=4, strides=[2, 1], pads=[1, 2, 1, 2])
case("Conv", x, weights(4, 1, 3, 5), weights(4), group=4, pads=[2, 0, 1, 3])
case("Conv", x, weights(5, 4, 3, 3), auto_pad="SAME_LOWER", strides=[2, 2])
case("Conv", x, weights(5, 4, 2, 2), auto_pad="VALID")
case("Conv", "row", weights(6, 2, 3), weights(6), group=2, pads=[2, 1], strides=[2])
case("Conv", "row", weights(6, 4, 3), dilations=[2])
case("ConvTranspose", x, weights(4, 3, 3, 2), weights(6), group=2, strides=[2, 3], output_padding=[1, 2])
case("ConvTranspose", x, weights(4, 5, 4, 4), strides=[2, 2], pads=[1, 0, 2, 1])
case("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
case("AveragePool", x, kernel_shape=[3, 2], pads=[1, 0, 1, 1], count_include_pad=1)
case("MaxPool", x, kernel_shape=[2, 3], strides=[1, 2], pads=[0, 1, 1, 1])
case("GlobalAveragePool", x)
case("DepthToSpace", x, blocksize=2, mode="DCR")
case("DepthToSpace", x, blocksize=2, mode="CRD")
floats = lambda *values: constant(values, np.float32)
case("Resize", x, "", floats(1, 1, 2, 3), mode="nearest")
case("Resize", x, "", floats(1, 1, 2, 2), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
case("Resize", x, "", "", integers(2, 4, 5, 8), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
case("Resize", x, "", "", integers(2, 4, 10, 13), mode="linear")
case("Resize", x, "", "", integers(2, 4, 13, 17), mode="linear", coordinate_transformation_mode="align_corners")
case("Resize", x, "", "", integers(14, 18), mode="linear", axes=[2, 3], coordinate_transformation_mode="asymmetric")
case("Pad", x, integers(0, 0, 3, 2, 0, 1, 0, 4), mode="edge")
case("Pad", x, integers(0, 0, 3, 2, 0, 0, 1, 4), mode="reflect")
case("Pad", x, integers(1, 2, 0, 3), constant(0.5, np.float32), integers(-1, 1))
case("Slice", x, integers(-1, 8), integers(-(2**63), 0), integers(1, -1), integers(-2, -3))
case("Slice", x, integers(1, 0), integers(2**63 - 1, -1), integers(2, 3), integers(2, 1))
case("Split", x, integers(1, 3), count=2, axis=1)
case("Split", x, count=3, axis=3, num_outputs=3)
case("Split", x, count=2, axis=2, num_outputs=2)
case("Gather", x, constant([[-1, 0], [2, 2]], np.int64), axis=1)
case("Gather", x, constant(-2, np.int64), axis=-1)
case("Expand", floats(1, 2, 3), integers(2, 1, 3))
case("Tile", "row", integers(2, 1, 3))
case("CumSum", "row", constant(-1, np.int64), exclusive=1, reverse=1)
case("Softmax", x, axis=2)
case("Softmax", "row", axis=1)
case("ReduceMean", x, integers(2, 3), keepdims=0)
case("ReduceMean", x, integers(-1, 1), keepdims=1)
case("ReduceMean", x, integers(1), keepdims=0)
case("ReduceL2", x, integers(3), keepdims=0)
case("ReduceMean", "row")
case("LayerNormalization", x, weights(7, 9), weights(7, 9), axis=2)
case("LayerNormalization", "row", weights(11), epsilon=1e-3)
case("BatchNormalization", "row", weights(4), weights(4), weights(4), floats(1, 2, 0.5, 3))
case("Gelu", x, approximate="tanh")
case("Gelu", x)
case("LeakyRelu", x)
case("Einsum", x, weights(2, 3, 4), equation="bchw, bqc -> bqhw")
case("Einsum", x, x, equation="bchw,bchv->bcwv")
case("MatMul", weights(9), weights(9))
case("MatMul", x, weights(9))
case("MatMul", weights(7), x)
case("MatMul", x, weights(9, 5))
case("MatMul", weights(3, 1, 2, 7), weights(4, 7, 3))
case("Gemm", weights(5, 3), weights(4, 5), weights(4), transA=1, transB=1, alpha=0.5, beta=2.0)
case("Add", x, weights(9))
case("Mul", x, weights(7, 1))
# What follows a convolution lies in another order than what is given.
maps = case("Conv", x, weights(4, 4, 1, 1))
case("Sub", maps, weights(7, 9))
case("Sub", maps, weights(4, 1, 1))
case("Div", maps, constant(random.uniform(0.5, 2, size=(9,)).astype(np.float32)))
case("Pow", maps, constant(2, np.float32))
case("Concat", maps, x, axis=-3)
case("Concat", maps, x, axis=2)
case("Transpose", maps, perm=[0, 3, 2, 1])
case("Transpose", maps, perm=[0, 2, 3, 1])
case("Transpose", maps)
case("Slice", maps, integers(5, 0), integers(1, 3), integers(3, 1), integers(-2, 1))
case("Pad", maps, integers(0, 1, 2, 0, 0, 0, 3, 1), mode="edge")
case("Softmax", maps, axis=1)
case("Softmax", maps, axis=3)
case("ReduceMean", maps, integers(1), keepdims=1)
case("ReduceMean", maps, integers(2, 3), keepdims=0)
case("ReduceMean", maps, integers(1, 2), keepdims=0)
case("Split", maps, integers(3, 1), count=2, axis=1)
case("Gather", maps, integers(3, 0), axis=1)
case("Reshape", maps, integers(0, -1, 9))
case("Flatten", maps, axis=2)
case("Unsqueeze", maps, integers(0, -1))
case("Squeeze", case("ReduceMean", maps, integers(1), keepdims=1), integers(1))
case("Einsum", weights(2, 3, 4), maps, equation="bqc,bchw->bqhw")
case("BatchNormalization", maps, weights(4), weights(4), weights(4), floats(1, 2, 0.5, 3))
case("MatMul", maps, weights(9, 2))
case("LayerNormalization", maps, weights(9), axis=3)

graph = helper.make_graph(
    nodes,
    "operations",
    [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 4, 7, 9]),
        helper.make_tensor_value_info("row", TensorProto.FLOAT, [2, 4, 11]),
    ],
    [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
    initializers,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
onnx.save(model, here / "operations.onnx")
given = {
    "x": random.normal(size=(2, 4, 7, 9)).astype(np.float32),
    "row": random.normal(size=(2, 4, 11)).astype(np.float32),
}
np.save(here / "operations.in0.npy", given["x"])
np.save(here / "operations.in1.npy", given["row"])
session = onnxruntime.InferenceSession(model.SerializeToString())
results = session.run(outputs, given)
np.save(here / "operations.out.npy", np.concatenate([each.ravel() for each in results]))
