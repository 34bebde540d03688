"""Makes what stands in for Inception in tests: a tiny network in TensorFlow's SavedModel form and in
ONNX form, with the features that TensorFlow and ONNX Runtime give for two pictures; and Frechet
distances of random features by SciPy. Needs tensorflow, onnx, onnxruntime, numpy and scipy.

    python make_inception.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import scipy.linalg
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper

here = Path(__file__).parent
random = np.random.default_rng(3)


def draw(*shape):
    return (random.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))).astype(np.float32)


kernel1, bias1 = draw(3, 3, 3, 8), draw(1, 8)[0]
kernel2 = draw(1, 1, 8, 5)
kernel3, bias3 = draw(5, 5, 3, 4), draw(1, 4)[0]


def picture():
    """Two pictures of 24 x 24 in [-1, 1]."""
    y, x = np.mgrid[0:24, 0:24] / 24
    one = np.stack([np.sin(5 * x), np.cos(4 * y), x - y], 2)
    two = np.stack([x * y, np.sin(9 * (x + y)), np.cos(7 * x)], 2)
    return np.stack([one, two]).astype(np.float32)


class Net(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 24, 24, 3], tf.float32, name="pictures")])
    def __call__(self, pictures):
        one = tf.nn.relu(tf.nn.conv2d(pictures, kernel1, 2, "VALID") + bias1)
        one = tf.nn.conv2d(tf.nn.max_pool2d(one, 3, 2, "SAME"), kernel2, 1, "SAME")
        two = tf.nn.relu(tf.nn.conv2d(pictures, kernel3, 4, "SAME") + bias3)
        mean = lambda maps: tf.reduce_mean(maps, [1, 2])
        return {"features": tf.concat([mean(one), mean(two)], 1)}


def saved_model():
    folder = here / "saved_model"
    shutil.rmtree(folder, ignore_errors=True)
    net = Net()
    tf.saved_model.save(net, str(folder), signatures=net.__call__)
    (folder / "fingerprint.pb").unlink(missing_ok=True)
    return net(picture())["features"].numpy()


def onnx_model():
    """What exporters write for Inception: convolutions, batch norm, pools, branches, a mean."""
    to_onnx = lambda kernel: np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
    tensors = {
        "k1": to_onnx(kernel1),
        "k2": to_onnx(kernel2),
        "k3": to_onnx(kernel3),
        "b3": bias3,
        "scale": 1 + 0.1 * random.normal(size=8).astype(np.float32),
        "shift": bias1,
        "mean": 0.1 * random.normal(size=8).astype(np.float32),
        "variance": random.uniform(0.5, 1.5, size=8).astype(np.float32),
        "dense": draw(14, 9),
        "dense_bias": draw(1, 9)[0],
        "half": np.float32(0.5),
    }
    node = helper.make_node
    nodes = [
        node("Conv", ["pictures", "k1"], ["c1"], strides=[2, 2], kernel_shape=[3, 3]),
        node("BatchNormalization", ["c1", "scale", "shift", "mean", "variance"], ["n1"], epsilon=1e-3),
        node("Relu", ["n1"], ["r1"]),
        node("MaxPool", ["r1"], ["p1"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Conv", ["p1", "k2"], ["a1"], kernel_shape=[1, 1]),
        node("AveragePool", ["p1"], ["a2"], kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1]),
        node("Conv", ["a2", "k2"], ["a3"], kernel_shape=[1, 1]),
        node("Concat", ["a1", "a3"], ["a"], axis=1),
        node("GlobalAveragePool", ["a"], ["ga"]),
        node("Flatten", ["ga"], ["fa"], axis=1),
        node("Conv", ["pictures", "k3", "b3"], ["c3"], strides=[4, 4], pads=[2, 2, 1, 1]),
        node("Relu", ["c3"], ["r3"]),
        node("ReduceMean", ["r3"], ["fb"], axes=[2, 3], keepdims=0),
        node("Concat", ["fa", "fb"], ["f"], axis=1),
        node("Gemm", ["f", "dense", "dense_bias"], ["g"]),
        node("Mul", ["g", "half"], ["features"]),
    ]
    batch = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["batch", 3, 24, 24])
    result = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 9])
    initializers = [numpy_helper.from_array(np.asarray(v), k) for k, v in tensors.items()]
    graph = helper.make_graph(nodes, "inception", [batch], [result], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, here / "inception.onnx")
    unknown = helper.make_graph([node("Det", ["pictures"], ["features"])], "odd", [batch], [result])
    onnx.save(
        helper.make_model(unknown, opset_imports=[helper.make_opsetid("", 13)], ir_version=8),
        here / "unknown_operation.onnx",
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"pictures": picture().transpose(0, 3, 1, 2)})[0]


def frechet(first, second):
    """Heusel et al. (2017), with the covariances of numpy.cov."""
    covariances = [np.cov(each, rowvar=False) for each in (first, second)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    difference = first.mean(0) - second.mean(0)
    return float(difference @ difference + np.trace(covariances[0] + covariances[1] - 2 * root.real))


def distances():
    cases = []
    for count1, count2, size in [(40, 40, 6), (30, 50, 12), (9, 9, 20), (10, 30, 20)]:
        first = random.normal(size=(count1, size)) @ random.normal(size=(size, size))
        second = random.normal(0.5, 1.5, size=(count2, size))
        first, second = first.astype(np.float32), second.astype(np.float32)
        cases.append(
            {
                "size": size,
                "first": first.ravel().tolist(),
                "second": second.ravel().tolist(),
                "distance": frechet(first.astype(float), second.astype(float)),
            }
        )
    return cases


result = {
    "pictures": [round(float(x), 7) for x in picture().ravel()],
    "savedModel": saved_model().tolist(),
    "onnx": onnx_model().tolist(),
    "distances": distances(),
}
(here / "expected.json").write_text(json.dumps(result) + "\n")
