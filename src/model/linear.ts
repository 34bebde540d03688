import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import { addBias } from "../engine/kernels/bias.ts";
import { layerNorm } from "../engine/kernels/layer_norm.ts";
import type { Forward } from "./parameters.ts";

/**
 * A linear layer over the channels.
 *
 * @param x [..., in].
 * @param weight [out, in]; `bias` [out].
 * @returns [..., out].
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [output = 0, input = 0] = weight.shape;
  const rows = tf.reshape(x, [-1, input]) as Tensor2D;
  const product = addBias(tf.matMul(rows, weight as Tensor2D, false, true), bias);
  return tf.reshape(product, [...x.shape.slice(0, -1), output]);
}

/** The linear layer under `prefix`. */
export function linearAt(x: Tensor, prefix: string, forward: Forward): Tensor {
  return linear(x, forward.parameter(`${prefix}.weight`), forward.parameter(`${prefix}.bias`));
}

/** The layer norm under `prefix`, over the last axis of x. */
export function layerNormAt(
  x: Tensor,
  prefix: string,
  forward: Forward,
  options: { readonly epsilon: number },
): Tensor {
  const [scale, offset] = ["weight", "bias"].map((part) => forward.parameter(`${prefix}.${part}`));
  return layerNorm(x, scale!, offset!, options);
}
