import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution, convolutionTranspose } from "../engine/kernels/convolution.ts";
import { at } from "../engine/kernels/kernel.ts";
import type { FoldedConvolution } from "./folded_convolution.ts";
import {
  type Activation,
  type FrozenLayer,
  isProduct,
  type LayerOptions,
  StoredProduct,
} from "./frozen_layer.ts";

/**
 * One of the four sets of pixels that a doubling makes: those of even (0) or odd (1) rows and columns.
 * With the kernel w, along each axis
 *
 *     y[2m]     = x[m - 1] w[3] + x[m] w[1]
 *     y[2m + 1] = x[m] w[2] + x[m + 1] w[0]
 *
 * so that each set is an ordinary 2x2 convolution of its own, without the zeros between pixels that
 * a transposed one multiplies.
 */
interface Phase {
  readonly dy: 0 | 1;
  readonly dx: 0 | 1;
}

const phases: readonly Phase[] = [
  { dy: 0, dx: 0 },
  { dy: 0, dx: 1 },
  { dy: 1, dx: 0 },
  { dy: 1, dx: 1 },
];

/**
 * A transposed 4x4 convolution of stride 2 and padding 1.
 *
 * @param folded becomes the layer's own.
 */
export function doublingLayer(
  engine: Engine,
  folded: FoldedConvolution,
  { side, precision }: LayerOptions,
): FrozenLayer {
  const { weight, bias } = folded;
  const [, , outputs = 0] = weight.shape;
  if (outputs < 4) return new TransposedConvolution(engine, folded); // too few for four kernels
  const kernels = phases.map((phase) => () => phaseKernel(weight, phase, side));
  const layer = isProduct(side * side, outputs)
    ? new DoublingProduct(
      kernels.map((kernel) =>
        new StoredProduct(() => tf.reshape(kernel(), [-1, outputs]), precision)
      ),
      bias,
    )
    : new DoublingConvolution(engine, kernels.map((kernel) => tf.tidy(kernel)), bias);
  weight.dispose();
  return layer;
}

/**
 * The kernel of one phase. Of a 1x1 input all taps but one only ever see the padding.
 *
 * @param weight [4, 4, out, in].
 * @returns [2, 2, in, out]; [1, 1, in, out] where the side is 1.
 */
function phaseKernel(weight: Tensor, { dy, dx }: Phase, side: number): Tensor {
  const taps = (odd: 0 | 1) => side === 1 ? [1 + odd] : odd === 0 ? [3, 1] : [2, 0];
  const rows = tf.gather(weight, taps(dy), 0);
  return tf.transpose(tf.gather(rows, taps(dx), 1), [0, 1, 3, 2]);
}

class DoublingConvolution implements FrozenLayer {
  readonly #engine: Engine;
  readonly #kernels: readonly Tensor[];
  readonly #bias: Tensor;

  constructor(engine: Engine, kernels: readonly Tensor[], bias: Tensor) {
    this.#engine = engine;
    this.#kernels = kernels;
    this.#bias = bias;
  }

  apply(x: Tensor, activation: Activation): Tensor {
    const bias = this.#engine.freeze(this.#bias);
    return interleave(phases.map(({ dy, dx }, i) => {
      const kernel = this.#engine.freeze(at(this.#kernels, i));
      const padding = x.shape[1] === 1 ? 0 : [1 - dy, dy, 1 - dx, dx] as const;
      return activation(addBias(convolution(x, kernel, { stride: 1, padding }), bias));
    }));
  }

  [Symbol.dispose](): void {
    tf.dispose([...this.#kernels, this.#bias]);
  }
}

class DoublingProduct implements FrozenLayer {
  readonly #products: readonly StoredProduct[];
  readonly #bias: Tensor;

  constructor(products: readonly StoredProduct[], bias: Tensor) {
    this.#products = products;
    this.#bias = bias;
  }

  apply(x: Tensor, activation: Activation): Tensor {
    const [batch = 0, side = 0, , channels = 0] = x.shape;
    const padded = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
    const shifted = (dy: number, dx: number) =>
      tf.slice(padded, [0, dy, dx, 0], [batch, side, side, channels]);
    const windows = ({ dy, dx }: Phase) =>
      tf.concat(phases.map((tap) => shifted(dy + tap.dy, dx + tap.dx)), 3);
    return interleave(phases.map((phase, i) => {
      const rows = tf.reshape(side === 1 ? x : windows(phase), [batch * side * side, -1]);
      const y = activation(addBias(this.#products[i]!.apply(rows), this.#bias));
      return tf.reshape(y, [batch, side, side, -1]);
    }));
  }

  [Symbol.dispose](): void {
    for (const product of this.#products) product[Symbol.dispose]();
    this.#bias.dispose();
  }
}

class TransposedConvolution implements FrozenLayer {
  readonly #engine: Engine;
  readonly #folded: FoldedConvolution;

  constructor(engine: Engine, folded: FoldedConvolution) {
    this.#engine = engine;
    this.#folded = folded;
  }

  apply(x: Tensor, activation: Activation): Tensor {
    const [weight, bias] = [this.#folded.weight, this.#folded.bias]
      .map((tensor) => this.#engine.freeze(tensor)) as [Tensor, Tensor];
    return activation(addBias(convolutionTranspose(x, weight, { stride: 2, padding: 1 }), bias));
  }

  [Symbol.dispose](): void {
    tf.dispose([this.#folded.weight, this.#folded.bias]);
  }
}

/** The four phases, [B, side, side, C] each, as one picture, [B, 2 side, 2 side, C]. */
function interleave(parts: readonly Tensor[]): Tensor {
  const [batch = 0, side = 0, , channels = 0] = at(parts, 0).shape;
  const rows = [parts.slice(0, 2), parts.slice(2)]
    .map((row) => tf.reshape(tf.concat(row, 3), [batch, side, 2 * side * channels]));
  return tf.reshape(tf.concat(rows, 2), [batch, 2 * side, 2 * side, channels]);
}
