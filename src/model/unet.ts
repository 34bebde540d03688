import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution, convolutionTranspose } from "../engine/kernels/convolution.ts";
import type { Forward } from "./parameters.ts";
import { type Block, blocks, positions, type UnetConfig } from "./unet_layers.ts";

/** Every convolution is 4x4 and halves or doubles its input. */
const halving = { stride: 2, padding: 1 };

/**
 * The generator: from lightness to colour.
 *
 * @param input [B, H, W, 1 + moreInputs], L in [-1, 1] first; H and W multiples of 2^nDown.
 * @returns ab, [B, H, W, 2] in [-1, 1].
 */
export function unet(input: Tensor, forward: Forward, config: UnetConfig): Tensor4D {
  const [outermost, ...inside] = blocks(config);
  if (outermost === undefined) throw new RangeError("A U-Net has at least one block.");
  const [down, , up] = positions("outermost", outermost.prefix);
  const h = convolution(input, forward.parameter(`${down}.weight`), halving); // [B, H/2, W/2, ngf]
  const x = tf.relu(block(h, forward, config.leakySlope, inside)); // [B, H/2, W/2, 2 ngf]
  const ab = convolutionTranspose(x, forward.parameter(`${up}.weight`), halving); // [B, H, W, 2]
  return tf.tanh(addBias(ab, forward.parameter(`${up}.bias`))) as Tensor4D;
}

/** x [B, h, w, C] beside what the blocks inside make of it: [B, h, w, 2 C]. */
function block(
  x: Tensor,
  forward: Forward,
  slope: number,
  [current, ...inside]: Block[],
): Tensor {
  if (current === undefined) throw new RangeError("A U-Net ends with its innermost block.");
  const { kind, prefix, depth, dropout } = current;
  const [down, downNorm, up, upNorm] = positions(kind, prefix);
  let h: Tensor = tf.leakyRelu(x, slope);
  h = convolution(h, forward.parameter(`${down}.weight`), halving); // [B, h/2, w/2, hidden]
  if (kind === "inner") h = block(forward.batchNorm(h, downNorm), forward, slope, inside);
  h = convolutionTranspose(tf.relu(h), forward.parameter(`${up}.weight`), halving); // [B, h, w, C]
  h = forward.batchNorm(h, upNorm);
  if (dropout > 0) h = forward.dropout(h, dropout, depth);
  return tf.concat([x, h], 3);
}
