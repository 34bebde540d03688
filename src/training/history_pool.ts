import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { statelessUniform, streamOf } from "../engine/kernels/random.ts";
import { Variable } from "../engine/variable.ts";

/** Sets the pool's draws apart from those of dropout and mirroring. */
const poolStream = 4002;

/**
 * Generated pictures of earlier steps, from which the discriminator is shown some again (Shrivastava
 * et al., 2017; ImagePool of the common PyTorch implementation). It lies on the device, and is used
 * inside the compiled step. Owns its variables.
 */
export class HistoryPool implements Disposable {
  /** As the discriminator saw them, [poolSize, H, W, 3]; zeros where nothing has been kept yet. */
  readonly pictures: Variable;
  /** How many are kept, [1]. */
  readonly filled: Variable;

  /** An empty pool of `poolSize` pictures of `size` x `size`. */
  constructor(engine: Engine, { poolSize, size }: { poolSize: number; size: number }) {
    const zeros = (name: string, shape: number[]) => {
      const initial = tf.zeros(shape);
      const variable = new Variable(engine, name, initial);
      initial.dispose();
      return variable;
    };
    this.pictures = zeros("pool.pictures", [poolSize, size, size, 3]);
    this.filled = zeros("pool.filled", [1]);
  }

  /**
   * What the discriminator is shown in place of new pictures. One after the other, they are kept and
   * shown until the pool is full; then each is, with probability 1/2, exchanged for one that is kept,
   * and else shown.
   *
   * @param fresh [B, H, W, 3].
   * @param seed [2] int32, which the draws follow from.
   */
  exchange(fresh: Tensor, seed: Tensor): Tensor {
    const [batch, height, width] = fresh.shape as [number, number, number];
    const [poolSize = 0] = this.pictures.shape;
    const draws = statelessUniform([batch, 2], streamOf(seed, poolStream)); // a coin and a place for each
    const shown = Array.from({ length: batch }, (_, index) => {
      const picture = tf.slice(fresh, [index, 0, 0, 0], [1, height, width, 3]);
      const coin = tf.reshape(tf.slice(draws, [index, 0], [1, 1]), [1]);
      const place = tf.reshape(tf.slice(draws, [index, 1], [1, 1]), [1]);
      const filled = this.filled.read();
      const isFull = tf.greaterEqual(filled, poolSize);
      const isExchanged = tf.logicalAnd(isFull, tf.less(coin, 0.5));
      // float32 rounds a draw just below 1 times the size up to the size itself.
      const drawn = tf.minimum(tf.floor(tf.mul(place, poolSize)), poolSize - 1);
      const slot = tf.cast(tf.where(isFull, drawn, filled), "int32");
      const kept = this.pictures.readRows(slot);
      const isWritten = tf.logicalOr(isExchanged, tf.logicalNot(isFull));
      this.pictures.assignRows(slot, choose(isWritten, picture, kept));
      this.filled.assign(tf.minimum(tf.add(filled, 1), poolSize));
      return choose(isExchanged, kept, picture);
    });
    return batch === 1 ? shown[0]! : tf.concat(shown, 0);
  }

  [Symbol.dispose](): void {
    this.pictures[Symbol.dispose]();
    this.filled[Symbol.dispose]();
  }
}

/** `yes` or `no`, [1, H, W, 3] each, by a condition of one element. */
function choose(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  return tf.where(tf.reshape(condition, [1, 1, 1, 1]), yes, no);
}
