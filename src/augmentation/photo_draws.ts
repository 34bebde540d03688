import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { statelessNormal, statelessUniform, streamOf } from "../engine/kernels/random.ts";

/** Sets the draws of augmentation apart from those of dropout, which are numbered by layer. */
const streams = { flip: 1000, photo: 1001, grain: 1002 } as const;

/** What is drawn for each photo; a new one goes to the end, so that the others' draws stay. */
const columns = [
  "share",
  "aspect",
  "windowX",
  "windowY",
  "angle",
  "saturation",
  "whiteA",
  "whiteB",
  "blur",
  "grain",
  "holeWidth",
  "holeHeight",
  "holeX",
  "holeY",
  "holeL",
  "film",
  "filmKind",
  "filmFirst",
  "filmSecond",
] as const;

/** The columns drawn at once; more than are used, so that the shape stays when one is added. */
const columnCount = 32;

/** Name of one of the numbers that are drawn for each photo. */
export type PhotoDraw = typeof columns[number];

/**
 * The random numbers of a batch, photo by photo. All of them follow from the run's seed and the step;
 * an option's draws are the same whichever others are on.
 */
export class PhotoDraws {
  readonly #batch: number;
  readonly #seed: Tensor;
  #photos: Tensor | undefined;

  /** @param seed [2] int32: the run's seed and the step. */
  constructor(batch: number, seed: Tensor) {
    this.#batch = batch;
    this.#seed = seed;
  }

  /** Which photos are mirrored: bool, [B, 1, 1, 1], half of them. */
  mirrored(): Tensor {
    return tf.less(
      statelessUniform([this.#batch, 1, 1, 1], streamOf(this.#seed, streams.flip)),
      0.5,
    );
  }

  /** One number a photo, evenly spread over [low, high): [B, 1, 1, 1]. */
  uniform(name: PhotoDraw, [low, high]: readonly [Tensor | number, Tensor | number]): Tensor4D {
    this.#photos ??= statelessUniform(
      [this.#batch, columnCount],
      streamOf(this.#seed, streams.photo),
    );
    const column = tf.slice(this.#photos, [0, columns.indexOf(name)], [this.#batch, 1]);
    const draw = tf.reshape(column, [this.#batch, 1, 1, 1]);
    return tf.add(tf.mul(draw, tf.sub(high, low)), low);
  }

  /** Standard normal noise, [B, height, width, 1]. */
  noise(height: number, width: number): Tensor {
    return statelessNormal([this.#batch, height, width, 1], streamOf(this.#seed, streams.grain));
  }
}
