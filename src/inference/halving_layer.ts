import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { patchesOf } from "../engine/kernels/patches.ts";
import type { FoldedConvolution } from "./folded_convolution.ts";
import {
  type Activation,
  type FrozenLayer,
  isProduct,
  type LayerOptions,
  StoredProduct,
} from "./frozen_layer.ts";

/**
 * A 4x4 convolution of stride 2 and padding 1.
 *
 * @param folded becomes the layer's own.
 */
export function halvingLayer(
  engine: Engine,
  folded: FoldedConvolution,
  { side, precision }: LayerOptions,
): FrozenLayer {
  const [, , inputs = 0, outputs = 0] = folded.weight.shape;
  if (!isProduct((side / 2) ** 2, outputs)) return new HalvingConvolution(engine, folded);
  const { weight, bias } = folded;
  // Of a 2x2 input the outer taps only ever see the padding.
  const matrix = () =>
    side === 2
      ? tf.reshape(tf.slice(weight, [1, 1, 0, 0], [2, 2, inputs, outputs]), [4 * inputs, outputs])
      : tf.reshape(weight, [16 * inputs, outputs]);
  const product = new StoredProduct(matrix, precision);
  weight.dispose();
  return new HalvingProduct(product, bias);
}

class HalvingConvolution implements FrozenLayer {
  readonly #engine: Engine;
  readonly #weight: Tensor;
  readonly #bias: Tensor;

  constructor(engine: Engine, { weight, bias }: FoldedConvolution) {
    this.#engine = engine;
    this.#weight = weight;
    this.#bias = bias;
  }

  apply(x: Tensor, activation: Activation): Tensor {
    const [weight, bias] = [this.#engine.freeze(this.#weight), this.#engine.freeze(this.#bias)];
    return activation(addBias(convolution(x, weight, { stride: 2, padding: 1 }), bias));
  }

  [Symbol.dispose](): void {
    tf.dispose([this.#weight, this.#bias]);
  }
}

class HalvingProduct implements FrozenLayer {
  readonly #product: StoredProduct;
  readonly #bias: Tensor;

  constructor(product: StoredProduct, bias: Tensor) {
    this.#product = product;
    this.#bias = bias;
  }

  apply(x: Tensor, activation: Activation): Tensor {
    const [batch = 0, side = 0] = x.shape;
    const rows = side === 2 ? tf.reshape(x, [batch, -1]) : patchesOf(x);
    const y = activation(addBias(this.#product.apply(rows), this.#bias));
    return tf.reshape(y, [batch, side / 2, side / 2, -1]);
  }

  [Symbol.dispose](): void {
    this.#product[Symbol.dispose]();
    this.#bias.dispose();
  }
}
