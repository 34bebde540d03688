import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { depthToSpace, shuffleOrder } from "../engine/kernels/pixel_shuffle.ts";
import {
  bodyOf,
  type DecoderConvolution,
  decoderLayers,
  type DynamicUnetConfig,
} from "./dynamic_unet_layers.ts";
import { lightnessOf } from "./hints.ts";
import type { Forward } from "./parameters.ts";
import { resnet } from "./resnet.ts";

/**
 * The generator: from lightness to colour.
 *
 * @param input [B, H, W, 1 + moreInputs], L in [-1, 1] first; H and W multiples of 32.
 * @returns ab over 110, [B, H, W, 2], linear.
 */
export function dynamicUnet(input: Tensor, forward: Forward, config: DynamicUnetConfig): Tensor4D {
  const { entry, middle, levels, up, residual, output } = decoderLayers(config);
  const seen = resnet(input, forward, bodyOf(config));
  const convolve = (x: Tensor, layer: DecoderConvolution) => {
    const y = tf.relu(decoderConvolution(x, layer, forward));
    return layer.norm !== undefined && layer.isNormLast ? forward.batchNorm(y, layer.norm) : y;
  };
  let x = tf.relu(forward.batchNorm(seen.pop()!, entry.norm)); // [B, H/32, W/32, 8 width]
  for (const layer of middle) x = convolve(x, layer);
  for (const { up, skip, convolutions } of levels) {
    const doubled = double(x, up, forward);
    x = tf.concat([doubled, tf.relu(forward.batchNorm(seen.pop()!, skip.norm))], 3);
    for (const layer of convolutions) x = convolve(x, layer);
  }
  const L = config.moreInputs > 0 ? lightnessOf(input) : input;
  x = tf.concat([double(x, up, forward), L], 3); // [B, H, W, 1.5 width + 1]
  const change = decoderConvolution(convolve(x, residual[0]), residual[1], forward);
  return decoderConvolution(tf.relu(tf.add(x, change)), output, forward) as Tensor4D;
}

/** A convolution with its bias, or its norm where that comes first. */
function decoderConvolution(x: Tensor, layer: DecoderConvolution, forward: Forward): Tensor {
  const { name, kernel, norm, isNormLast } = layer;
  const padding = (kernel - 1) / 2;
  const y = convolution(x, weightOf(layer, forward), { stride: 1, padding });
  if (norm === undefined) return addBias(y, forward.parameter(`${name}.bias`));
  return isNormLast ? y : forward.batchNorm(y, norm);
}

function weightOf({ name, isSpectral }: DecoderConvolution, forward: Forward): Tensor {
  return isSpectral ? forward.spectralWeight(name) : forward.parameter(`${name}.weight`);
}

/** x [B, h, w, C] as [B, 2 h, 2 w, C'], after a convolution to 4 C' channels and a ReLU. */
function double(x: Tensor, layer: DecoderConvolution, forward: Forward): Tensor {
  const { norm, name } = layer;
  if (norm !== undefined) {
    return depthToSpace(shuffleOrder(tf.relu(decoderConvolution(x, layer, forward))));
  }
  // The weights are far fewer than the numbers they make.
  const weight = shuffleOrder(weightOf(layer, forward));
  const y = convolution(x, weight, { stride: 1, padding: 0 });
  return depthToSpace(tf.relu(addBias(y, shuffleOrder(forward.parameter(`${name}.bias`)))));
}
