import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { unetLevels } from "../model/unet_layers.ts";
import { doublingLayer } from "./doubling_layer.ts";
import type { FrozenLayer, Precision } from "./frozen_layer.ts";
import type { FoldedReader, FrozenNetwork, GeneratorConfig } from "./frozen_network.ts";
import { halvingLayer } from "./halving_layer.ts";

/** One level of the U-Net. */
interface Level {
  readonly down: FrozenLayer;
  readonly up: FrozenLayer;
}

/** Takes a U-Net's tensors in, one layer at a time. */
export async function freezeUnet(
  engine: Engine,
  config: GeneratorConfig,
  read: FoldedReader,
  precision: Precision,
): Promise<FrozenNetwork> {
  using owned = new DisposableStack();
  const levels: Level[] = [];
  for (const [depth, { down, up }] of unetLevels({ ...config, dropout: 0 }).entries()) {
    const side = config.size / 2 ** depth;
    levels.push({
      down: owned.use(halvingLayer(engine, await read.convolution(down, 3), { side, precision })),
      up: owned.use(
        doublingLayer(engine, await read.convolution(up, 2), { side: side / 2, precision }),
      ),
    });
  }
  const layers = owned.move();
  return {
    forward: (input) => forward(input, levels, config.leakySlope),
    [Symbol.dispose]: () => layers[Symbol.dispose](),
  };
}

/** @param input [B, size, size, 1 or 4]. */
function forward(input: Tensor, levels: readonly Level[], leakySlope: number): Tensor {
  const skips: Tensor[] = [];
  let x = input;
  for (const [depth, { down }] of levels.entries()) {
    const isInnermost = depth === levels.length - 1;
    x = down.apply(x, (y) => isInnermost ? tf.relu(y) : tf.leakyRelu(y, leakySlope));
    skips.push(x);
  }
  for (const [depth, { up }] of [...levels.entries()].reverse()) {
    x = up.apply(x, depth === 0 ? tf.tanh : tf.relu);
    // ReLU of a leaky ReLU is ReLU, and of two pictures side by side it is that of each.
    if (depth > 0) x = tf.concat([tf.relu(skips[depth - 1]!), x], 3);
  }
  return x;
}
