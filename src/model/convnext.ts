import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { depthwiseConvolution } from "../engine/kernels/depthwise.ts";
import { gelu } from "../engine/kernels/gelu.ts";
import { convnextBlocks, type ConvnextShape } from "./convnext_layers.ts";
import { layerNormAt, linearAt } from "./linear.ts";
import type { Forward } from "./parameters.ts";

const epsilon = 1e-6;

/**
 * A ConvNeXt-T.
 *
 * @param x [B, H, W, inputs], H and W multiples of 32.
 * @returns what the four stages give, each under its own norm, at a quarter of the sides and so on down
 *   to a thirty-second.
 */
export function convnext(x: Tensor, forward: Forward, shape: ConvnextShape): Tensor[] {
  const { prefix } = shape;
  const norm = (x: Tensor, name: string) => layerNormAt(x, name, forward, { epsilon });
  const halve = (x: Tensor, name: string, stride: number) => {
    const y = convolution(x, forward.parameter(`${name}.weight`), { stride, padding: 0 });
    return addBias(y, forward.parameter(`${name}.bias`));
  };
  return convnextBlocks(shape).map((blocks, stage) => {
    const down = `${prefix}downsample_layers.${stage}`;
    x = stage === 0
      ? norm(halve(x, `${down}.0`, 4), `${down}.1`)
      : halve(norm(x, `${down}.0`), `${down}.1`, 2);
    for (const block of blocks) {
      const seen = depthwiseConvolution(x, forward.parameter(`${block}.dwconv.weight`));
      let y = norm(addBias(seen, forward.parameter(`${block}.dwconv.bias`)), `${block}.norm`);
      y = gelu(linearAt(y, `${block}.pwconv1`, forward));
      y = linearAt(y, `${block}.pwconv2`, forward);
      x = tf.add(x, tf.mul(y, forward.parameter(`${block}.gamma`)));
    }
    return norm(x, `${prefix}norm${stage}`);
  });
}
