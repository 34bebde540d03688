import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { floatType, registerKernelGradient, registerOperation, runSingle } from "./kernel.ts";

/**
 * Four channels as four pixels (Shi et al., 2016, "Real-time single image and video super-resolution
 * using an efficient sub-pixel convolutional neural network"), where the channels of a pixel lie
 * apart: channel (2 dy + dx) C + c becomes channel c of pixel (dy, dx). Copies whole pixels, unlike
 * one with the channels in PyTorch's order; `shuffleOrder` brings that order into this one.
 *
 * @param x [B, h, w, 4 C].
 * @returns [B, 2 h, 2 w, C].
 */
export function depthToSpace(x: Tensor): Tensor {
  return runSingle("PixelShuffle", { x });
}

/**
 * Channels in the order of PyTorch's PixelShuffle, 4 c + 2 dy + dx, in the order of `depthToSpace`.
 *
 * @param x [..., 4 C]: a picture, or a convolution's weight or bias, which is far smaller.
 * @returns the same shape.
 */
export function shuffleOrder(x: Tensor): Tensor {
  const channels = x.shape.at(-1) ?? 0;
  const apart = tf.reshape(x, [-1, channels / 4, 4]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1]), x.shape);
}

/** Registers DepthToSpace, whose gradient is SpaceToDepth, and the other way round. */
export function registerPixelShuffle(): void {
  const attributes = () => [
    floatType(),
    { name: "block_size", int: 2 },
    { name: "data_format", string: "NHWC" },
  ];
  registerOperation("PixelShuffle", ["x"], { name: "DepthToSpace", attributes });
  registerOperation("PixelUnshuffle", ["x"], { name: "SpaceToDepth", attributes });
  registerKernelGradient("PixelShuffle", { inputs: [] }, (dy) => ({
    x: () => runSingle("PixelUnshuffle", { x: dy }),
  }));
  registerKernelGradient("PixelUnshuffle", { inputs: [] }, (dy) => ({
    x: () => runSingle("PixelShuffle", { x: dy }),
  }));
}
