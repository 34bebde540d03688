import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { depthToSpace, shuffleOrder } from "../engine/kernels/pixel_shuffle.ts";
import { maxPool } from "../engine/kernels/pooling.ts";
import {
  type DecoderConvolution,
  decoderLayers,
  type DynamicUnetConfig,
  encoderPrefix,
} from "../model/dynamic_unet_layers.ts";
import { lightnessOf } from "../model/hints.ts";
import { type ResnetConvolution, resnetLayers } from "../model/resnet_layers.ts";
import type { FoldedConvolution } from "./folded_convolution.ts";
import type { Activation } from "./frozen_layer.ts";
import type { FoldedReader, FrozenNetwork } from "./frozen_network.ts";

/** What a norm that follows no convolution computes: x times the first plus the second, [C] each. */
type FrozenNorm = readonly [scale: Tensor, shift: Tensor];

/** The network's weights, under the names that its layers have. Owns them. */
class FrozenWeights implements Disposable {
  readonly #engine: Engine;
  readonly #convolutions = new Map<string, FoldedConvolution>();
  readonly #norms = new Map<string, FrozenNorm>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @param folded becomes its own. */
  keepConvolution(name: string, folded: FoldedConvolution): void {
    this.#convolutions.set(name, folded);
  }

  /** @param norm becomes its own. */
  keepNorm(prefix: string, norm: FrozenNorm): void {
    this.#norms.set(prefix, norm);
  }

  /** Writes a convolution with its bias into the trace that is open. */
  convolve(
    x: Tensor,
    { name, kernel, stride = 1 }: {
      readonly name: string;
      readonly kernel: number;
      readonly stride?: number;
    },
    activation: Activation,
  ): Tensor {
    const { weight, bias } = this.#convolutions.get(name)!;
    const y = convolution(x, this.#engine.freeze(weight), { stride, padding: (kernel - 1) / 2 });
    return activation(addBias(y, this.#engine.freeze(bias)));
  }

  /** Writes a norm into the trace that is open. */
  normalize(x: Tensor, prefix: string): Tensor {
    const [scale, shift] = this.#norms.get(prefix)!.map((each) => this.#engine.freeze(each));
    return tf.add(tf.mul(x, scale!), shift!);
  }

  [Symbol.dispose](): void {
    for (const { weight, bias } of this.#convolutions.values()) tf.dispose([weight, bias]);
    for (const norm of this.#norms.values()) tf.dispose([...norm]);
  }
}

/** Takes the tensors of a U-Net with an encoder in, one layer at a time. */
export async function freezeDynamicUnet(
  engine: Engine,
  config: DynamicUnetConfig,
  read: FoldedReader,
): Promise<FrozenNetwork> {
  const body = resnetLayers({
    ...{ name: config.encoder, width: config.width, prefix: encoderPrefix },
    inputs: 1 + config.moreInputs,
  });
  const decoder = decoderLayers(config);
  using owned = new DisposableStack();
  const weights = owned.use(new FrozenWeights(engine));
  const keepDecoder = ({ name, norm, isNormLast, isSpectral }: DecoderConvolution) =>
    read.convolution({
      weight: isSpectral ? `${name}.weight_orig` : `${name}.weight`,
      spectral: isSpectral ? { u: `${name}.weight_u`, v: `${name}.weight_v` } : undefined,
      bias: norm === undefined ? `${name}.bias` : undefined,
      norm: isNormLast ? undefined : norm,
    }, 3);
  const { stem, stages } = body;
  const residuals = stages.flat().flatMap(({ first, second, shortcut }) => [
    first,
    second,
    ...(shortcut ? [shortcut] : []),
  ]);
  for (const { name, norm } of [stem, ...residuals]) {
    weights.keepConvolution(name, await read.convolution({ weight: `${name}.weight`, norm }, 3));
  }
  const { entry, middle, levels, up, residual, output } = decoder;
  const plain = [...middle, ...levels.flatMap((level) => level.convolutions), ...residual, output];
  for (const layer of plain) {
    weights.keepConvolution(layer.name, await keepDecoder(layer));
    if (layer.norm !== undefined && layer.isNormLast) {
      weights.keepNorm(layer.norm, await read.norm(layer.norm));
    }
  }
  for (const layer of [...levels.map((level) => level.up), up]) {
    const { name } = layer;
    const { weight, bias } = await keepDecoder(layer);
    const [inOrder, biasInOrder] = tf.tidy(() => [shuffleOrder(weight), shuffleOrder(bias)]);
    tf.dispose([weight, bias]);
    weights.keepConvolution(name, { weight: inOrder!, bias: biasInOrder! });
  }
  for (const { norm } of [entry, ...levels.map((level) => level.skip)]) {
    weights.keepNorm(norm, await read.norm(norm));
  }
  const kept = owned.move();
  return {
    forward: (input) => forward(input, weights, body, decoder),
    [Symbol.dispose]: () => kept[Symbol.dispose](),
  };
}

const plainly: Activation = (x) => x;

/** @param input [B, size, size, 1 or 4]. */
function forward(
  input: Tensor,
  weights: FrozenWeights,
  { stem, stages }: ReturnType<typeof resnetLayers>,
  { entry, middle, levels, up, residual, output }: ReturnType<typeof decoderLayers>,
): Tensor {
  const convolve = (x: Tensor, layer: ResnetConvolution | DecoderConvolution) =>
    weights.convolve(x, layer, tf.relu);
  const L = stem.channels[0] > 1 ? lightnessOf(input) : input;
  const seen = [convolve(input, stem)];
  let x = maxPool(seen[0]!);
  for (const blocks of stages) {
    for (const { first, second, shortcut } of blocks) {
      const beside = shortcut ? weights.convolve(x, shortcut, plainly) : x;
      x = tf.relu(tf.add(weights.convolve(convolve(x, first), second, plainly), beside));
    }
    seen.push(x);
  }
  const decode = (x: Tensor, layer: DecoderConvolution) => {
    const y = convolve(x, layer);
    return layer.norm !== undefined && layer.isNormLast ? weights.normalize(y, layer.norm) : y;
  };
  x = tf.relu(weights.normalize(seen.pop()!, entry.norm));
  for (const layer of middle) x = decode(x, layer);
  for (const { up, skip, convolutions } of levels) {
    const beside = tf.relu(weights.normalize(seen.pop()!, skip.norm));
    x = tf.concat([depthToSpace(convolve(x, up)), beside], 3);
    for (const layer of convolutions) x = decode(x, layer);
  }
  x = tf.concat([depthToSpace(convolve(x, up)), L], 3);
  const change = weights.convolve(convolve(x, residual[0]), residual[1], plainly);
  return weights.convolve(tf.relu(tf.add(change, x)), output, plainly);
}
