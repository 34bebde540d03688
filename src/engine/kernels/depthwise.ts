import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import {
  at,
  floatType,
  type KernelAttributes,
  type OperationAttribute,
  registerComposite,
  registerKernelGradient,
  registerOperation,
  runSingle,
} from "./kernel.ts";

/**
 * A depthwise convolution: each channel with a kernel of its own, by one pixel at a time, the sides
 * kept (PyTorch's Conv2d with as many groups as channels). Its gradients have none themselves.
 *
 * @param x [B, H, W, C].
 * @param filter [k, k, 1, C], k odd.
 */
export function depthwiseConvolution(x: Tensor, filter: Tensor): Tensor {
  return runSingle("Depthwise", { x, filter });
}

/** [k, k, 1, C] as TensorFlow wants it, [k, k, C, 1]: the same numbers in the same places. */
function channelsThird(filter: Tensor): Tensor4D {
  const [height = 0, width = 0, , channels = 0] = filter.shape;
  return tf.reshape(filter, [height, width, channels, 1]);
}

/** The gradient by x: the same convolution of dy, with the kernels turned by half a turn. */
function inputGradient(dy: Tensor, filter: Tensor): Tensor {
  return runSingle("DepthwiseConv2d.SAME", {
    x: dy,
    filter: tf.reverse(channelsThird(filter), [0, 1]),
  });
}

/**
 * The gradient by the filter as a depthwise convolution of x whose kernels are the pictures of dy, the
 * pictures of a batch as further channels. TensorFlow's own gradient takes up to ten times as long on a
 * CPU (docs/performance.md).
 *
 * @param side k.
 */
function filterGradientByPictures(x: Tensor, dy: Tensor, side: number): Tensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const around = (side - 1) / 2;
  const padded = tf.pad(x, [[0, 0], [around, around], [around, around], [0, 0]]);
  const [tall, wide] = [height + side - 1, width + side - 1];
  const pictures = tf.reshape(tf.transpose(padded, [1, 2, 0, 3]), [
    1,
    tall,
    wide,
    batch * channels,
  ]);
  const kernels = tf.reshape(tf.transpose(dy, [1, 2, 0, 3]), [height, width, batch * channels, 1]);
  const each = runSingle("DepthwiseConv2d.VALID", { x: pictures, filter: kernels });
  const sum = tf.sum(tf.reshape(each, [side, side, batch, channels]), 2);
  return tf.reshape(sum, [side, side, 1, channels]);
}

function filterGradientOfTensorflow(x: Tensor, dy: Tensor, side: number): Tensor {
  const channels = x.shape[3] ?? 0;
  const sizes = tf.tensor1d([side, side, channels, 1], "int32");
  return tf.reshape(
    runSingle("DepthwiseConv2dBackpropFilter", { x, sizes, dy }),
    [side, side, 1, channels],
  );
}

/** Registers the convolution and its gradients. */
export function registerDepthwise(): void {
  const attributes = (padding: string) => (): OperationAttribute[] => [
    floatType(),
    { name: "strides", int: [1, 1, 1, 1] },
    { name: "padding", string: padding },
    { name: "explicit_paddings", int: [] },
    { name: "data_format", string: "NHWC" },
    { name: "dilations", int: [1, 1, 1, 1] },
  ];
  for (const padding of ["SAME", "VALID"]) {
    registerOperation(`DepthwiseConv2d.${padding}`, ["x", "filter"], {
      name: "DepthwiseConv2dNative",
      attributes: attributes(padding),
    });
  }
  registerOperation("DepthwiseConv2dBackpropFilter", ["x", "sizes", "dy"], {
    name: "DepthwiseConv2dNativeBackpropFilter",
    attributes: attributes("SAME"),
  });
  registerComposite("Depthwise", ({ x, filter }) => {
    return runSingle("DepthwiseConv2d.SAME", { x: x!, filter: channelsThird(filter!) });
  });
  registerComposite("DepthwiseInputGradient", ({ dy, filter }) => inputGradient(dy!, filter!));
  registerComposite(
    "DepthwiseFilterGradient",
    ({ x, dy }, { side }: KernelAttributes, { place }) => {
      const form = place.device === "cpu" ? filterGradientByPictures : filterGradientOfTensorflow;
      return form(x!, dy!, Number(side));
    },
  );
  registerKernelGradient("Depthwise", { inputs: ["x", "filter"] }, (dy, saved) => {
    const [x, filter] = [at(saved, 0), at(saved, 1)];
    return {
      x: () => runSingle("DepthwiseInputGradient", { dy, filter }),
      filter: () => runSingle("DepthwiseFilterGradient", { x, dy }, { side: filter.shape[0] ?? 0 }),
    };
  });
}
