import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { at, floatType, registerKernelGradient, registerOperation, runSingle } from "./kernel.ts";

/** Adds a convolution's bias, [C], to x, [B, H, W, C]. */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  return runSingle("BiasAdd", { x, bias });
}

/** Registers BiasAdd and its gradient, which Grappler fuses with convolutions. */
export function registerBias(): void {
  const attributes = () => [floatType(), { name: "data_format", string: "NHWC" }];
  registerOperation("BiasAdd", ["x", "bias"], { name: "BiasAdd", attributes });
  registerOperation("BiasAddGrad", ["dy"], { name: "BiasAddGrad", attributes });
  registerKernelGradient("BiasAdd", { inputs: [] }, (dy) => ({
    x: () => dy.clone(),
    bias: () => runSingle("BiasAddGrad", { dy }),
  }));
  registerKernelGradient("BiasAddGrad", { inputs: ["dy"] }, (ddbias, saved) => ({
    dy: () => tf.broadcastTo(ddbias, at(saved, 0).shape as [number, number, number, number]),
  }));
}
