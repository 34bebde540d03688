import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { hintChannels } from "./generator_layers.ts";

/** L of an input with hints behind it, [B, H, W, 1]. */
export function lightnessOf(input: Tensor): Tensor {
  const [batch = 0, height = 0, width = 0] = input.shape;
  return tf.slice(input, [0, 0, 0, 0], [batch, height, width, 1]);
}

/** L, [B, H, W, 1], with no hint behind it, [B, H, W, 4]. */
export function withoutHints(L: Tensor): Tensor {
  return tf.concat([L, tf.zeros([...L.shape.slice(0, 3), hintChannels])], 3);
}
