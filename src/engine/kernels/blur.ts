import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { DataType } from "../../tensorflow/data_type.ts";
import {
  floatType,
  registerComposite,
  registerKernelGradient,
  registerOperation,
  runSingle,
} from "./kernel.ts";

/**
 * The mean of each pixel and its neighbours to the left, above, and above to the left; at the top and
 * the left the edge counts twice. Takes out the checkerboard of a pixel shuffle (Sugawara et al., 2018,
 * "Super-resolution using convolutional neural networks without any checkerboard artifacts"); PyTorch's
 * ReplicationPad2d((1, 0, 1, 0)) and AvgPool2d(2, 1). Its gradient has none itself.
 *
 * @param x [B, H, W, C].
 */
export function blur(x: Tensor): Tensor {
  return runSingle("Blur", { x });
}

/** Padded by one at the top and the left: a mirror with its edge is the edge once more. */
const paddings = () => tf.tensor2d([[0, 0], [1, 0], [1, 0], [0, 0]], [4, 2], "int32");

/** Registers the kernel and its gradient. */
export function registerBlur(): void {
  const pooling = () => [
    floatType(),
    { name: "ksize", int: [1, 2, 2, 1] },
    { name: "strides", int: [1, 1, 1, 1] },
    { name: "padding", string: "VALID" },
    { name: "data_format", string: "NHWC" },
  ];
  const mirror = () => [
    floatType(),
    { name: "Tpaddings", type: DataType.INT32 },
    { name: "mode", string: "SYMMETRIC" },
  ];
  registerOperation("EdgePad", ["x", "paddings"], { name: "MirrorPad", attributes: mirror });
  registerOperation("EdgePadGrad", ["dy", "paddings"], {
    name: "MirrorPadGrad",
    attributes: mirror,
  });
  registerOperation("MeanOfFour", ["x"], { name: "AvgPool", attributes: pooling });
  registerOperation("MeanOfFourGrad", ["shape", "dy"], {
    name: "AvgPoolGrad",
    attributes: pooling,
  });
  registerComposite("Blur", ({ x }) => {
    return runSingle("MeanOfFour", { x: runSingle("EdgePad", { x: x!, paddings: paddings() }) });
  });
  registerKernelGradient("Blur", { inputs: [] }, (dy) => ({
    x: () => runSingle("BlurGrad", { dy }),
  }));
  registerComposite("BlurGrad", ({ dy }) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = dy!.shape;
    const shape = tf.tensor1d([batch, height + 1, width + 1, channels], "int32");
    const padded = runSingle("MeanOfFourGrad", { shape, dy: dy! });
    return runSingle("EdgePadGrad", { dy: padded, paddings: paddings() });
  });
}
