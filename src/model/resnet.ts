import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { convolution } from "../engine/kernels/convolution.ts";
import { maxPool } from "../engine/kernels/pooling.ts";
import type { Forward } from "./parameters.ts";
import { type ResnetConvolution, resnetLayers, type ResnetShape } from "./resnet_layers.ts";

/**
 * What it sees at each of its sizes.
 *
 * @param x [B, H, W, inputs]; H and W multiples of 32.
 * @returns [B, H / 2, W / 2, width], then the stages' [B, H / s, W / s, C], s 4, 8, 16 and 32.
 */
export function resnet(x: Tensor, forward: Forward, shape: ResnetShape): Tensor[] {
  const layers = resnetLayers(shape);
  const apply = (x: Tensor, layer: ResnetConvolution) => {
    const { name, norm, kernel, stride } = layer;
    const padding = (kernel - 1) / 2;
    const y = convolution(x, forward.parameter(`${name}.weight`), { stride, padding });
    return forward.batchNorm(y, norm);
  };
  const seen = [tf.relu(apply(x, layers.stem))];
  let h = maxPool(seen[0]!);
  for (const blocks of layers.stages) {
    for (const { first, second, shortcut } of blocks) {
      const change = apply(tf.relu(apply(h, first)), second);
      h = tf.relu(tf.add(change, shortcut ? apply(h, shortcut) : h));
    }
    seen.push(h);
  }
  return seen;
}
