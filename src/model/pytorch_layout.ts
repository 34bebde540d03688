import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { type ParameterSpec, toPytorchOrder } from "./parameters.ts";

/** The way back of `toPytorchOrder`. */
const fromPytorchOrder = [2, 3, 1, 0];

/**
 * A parameter's value in PyTorch's layout: a copy, even where the layouts agree.
 *
 * @param spec the parameter's own; a right singular vector cannot be told from a weight without it.
 */
export function toPytorchLayout(value: Tensor, spec?: Pick<ParameterSpec, "role">): Tensor {
  if (spec?.role === "rightSingularVector") {
    return tf.reshape(tf.transpose(value, toPytorchOrder), [-1]);
  }
  return value.rank === 4 ? tf.transpose(value, toPytorchOrder) : tf.add(value, 0);
}

/** A parameter's value from one in PyTorch's layout; `spec` as for `toPytorchLayout`. */
export function fromPytorchLayout(
  value: Tensor,
  spec?: Pick<ParameterSpec, "shape" | "role">,
): Tensor {
  if (spec?.role === "rightSingularVector") {
    const [height = 0, width = 0, input = 0] = spec.shape;
    return tf.transpose(tf.reshape(value, [1, input, height, width]), fromPytorchOrder);
  }
  return value.rank === 4 ? tf.transpose(value, fromPytorchOrder) : value.clone();
}

/** Pictures from PyTorch's [B, C, H, W] to [B, H, W, C]. */
export function channelsLast(pictures: Tensor): Tensor {
  return tf.transpose(pictures, [0, 2, 3, 1]);
}

/** Pictures from [B, H, W, C] to PyTorch's [B, C, H, W]. */
export function channelsFirst(pictures: Tensor): Tensor {
  return tf.transpose(pictures, [0, 3, 1, 2]);
}
