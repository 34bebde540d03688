import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import type { TrainingConfig } from "../config/training.ts";
import { bfloat16Product, toBfloat16 } from "../engine/kernels/bfloat16.ts";

/** Arithmetic of convolutions. */
export type Precision = TrainingConfig["precision"];

/** What comes after a convolution and its bias, of any shape to the same shape. */
export type Activation = (x: Tensor) => Tensor;

/** A convolution as inference runs it. Owns its weights. */
export interface FrozenLayer extends Disposable {
  /**
   * Writes it into the trace that is open.
   *
   * @param x [B, side, side, in], of the side that the layer was made for.
   * @returns [B, side / 2, side / 2, out] or [B, 2 side, 2 side, out].
   */
  apply(x: Tensor, activation: Activation): Tensor;
}

/** What a layer is made for. */
export interface LayerOptions {
  /** Side of its input, pixels. */
  readonly side: number;
  readonly precision: Precision;
}

/**
 * Whether a convolution is better computed as a product of matrices. Deep in the U-Net a few pixels
 * meet millions of weights, and reading those takes nearly all the time. A product reads them once,
 * as they lie, from memory that all traced functions share. A convolution wants them in an order of
 * its own: as constants: TensorFlow then holds five copies of them in each traced function.
 *
 * @param rows pixels of the result on which each weight acts, a picture.
 * @param outputs channels of the result.
 */
export function isProduct(rows: number, outputs: number): boolean {
  return outputs >= 8 * rows;
}

/** A matrix product with weights that stay on the device as they are. Owns them. */
export class StoredProduct implements Disposable {
  readonly #weights: Tensor;
  readonly #precision: Precision;

  /** @param weights makes them, [in, out]; it runs in a scope of its own. */
  constructor(weights: () => Tensor, precision: Precision) {
    // With the inputs of an output side by side, a product of few rows takes a fifth less time.
    this.#weights = tf.tidy(() => {
      const rows = tf.transpose(weights());
      return precision === "bfloat16" ? toBfloat16(rows) : rows;
    });
    this.#precision = precision;
  }

  /**
   * @param x [rows, in].
   * @returns [rows, out].
   */
  apply(x: Tensor): Tensor {
    return this.#precision === "bfloat16"
      ? bfloat16Product(x, this.#weights)
      : tf.matMul(x as Tensor2D, this.#weights as Tensor2D, false, true);
  }

  [Symbol.dispose](): void {
    this.#weights.dispose();
  }
}
