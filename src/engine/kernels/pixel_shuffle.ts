import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import {
  floatType,
  type KernelAttributes,
  registerKernelGradient,
  registerOperation,
  runSingle,
} from "./kernel.ts";

/**
 * Channels as pixels (Shi et al., 2016, "Real-time single image and video super-resolution
 * using an efficient sub-pixel convolutional neural network"), where the channels of a pixel lie
 * apart: channel (r dy + dx) C + c becomes channel c of pixel (dy, dx). Copies whole pixels, unlike
 * one with the channels in PyTorch's order; `shuffleOrder` brings that order into this one.
 *
 * @param x [B, h, w, r r C].
 * @param factor r.
 * @returns [B, r h, r w, C].
 */
export function depthToSpace(x: Tensor, factor = 2): Tensor {
  return runSingle("PixelShuffle", { x }, { factor });
}

/**
 * Channels in the order of PyTorch's PixelShuffle, r r c + r dy + dx, in the order of `depthToSpace`.
 *
 * @param x [..., r r C]: a picture, or a convolution's weight or bias, which is far smaller.
 * @param factor r.
 * @returns the same shape.
 */
export function shuffleOrder(x: Tensor, factor = 2): Tensor {
  const channels = x.shape.at(-1) ?? 0;
  const apart = tf.reshape(x, [-1, channels / factor ** 2, factor ** 2]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1]), x.shape);
}

/** Registers DepthToSpace, whose gradient is SpaceToDepth, and the other way round. */
export function registerPixelShuffle(): void {
  const attributes = ({ factor }: KernelAttributes) => [
    floatType(),
    { name: "block_size", int: Number(factor) },
    { name: "data_format", string: "NHWC" },
  ];
  registerOperation("PixelShuffle", ["x"], { name: "DepthToSpace", attributes });
  registerOperation("PixelUnshuffle", ["x"], { name: "SpaceToDepth", attributes });
  registerKernelGradient("PixelShuffle", { inputs: [] }, (dy, _, given) => ({
    x: () => runSingle("PixelUnshuffle", { x: dy }, given),
  }));
  registerKernelGradient("PixelUnshuffle", { inputs: [] }, (dy, _, given) => ({
    x: () => runSingle("PixelShuffle", { x: dy }, given),
  }));
}
