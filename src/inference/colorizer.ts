import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor3D } from "@tensorflow/tfjs";
import type { GeneratorWeights } from "../checkpoints/generator_weights.ts";
import { abScale } from "../color/lab.ts";
import type { ColorGuide } from "../hints/color_guide.ts";
import type { Engine } from "../engine/engine.ts";
import type { ColorNetwork } from "./color_network.ts";
import {
  type PhotoPixels,
  PhotoRecolorer,
  type RecoloredPixels,
  type RecolorOptions,
} from "./photo_recolorer.ts";

/** Where a colorizer's weights are from. */
export interface ColorizerSource {
  /** The file of the generator, or the checkpoint's folder. */
  readonly path: string;
  /** Training steps; undefined where the file does not say. */
  readonly step: number | undefined;
  /** Which weights of a checkpoint; undefined where there is but one kind. */
  readonly weights?: GeneratorWeights | undefined;
}

/**
 * Everything between a decoded photo and its colours: the network, and the way back. Owns the network
 * too. Its functions may be called side by side.
 */
export class Colorizer implements Disposable {
  readonly source: ColorizerSource;
  readonly #engine: Engine;
  readonly #network: ColorNetwork;
  readonly #recolorer: PhotoRecolorer;

  constructor(engine: Engine, network: ColorNetwork, source: ColorizerSource) {
    this.source = source;
    this.#engine = engine;
    this.#network = network;
    this.#recolorer = new PhotoRecolorer(engine);
  }

  /** Side of the squares that the network sees, pixels. */
  get size(): number {
    return this.#network.size;
  }

  /** Whether the network itself takes hints; of others only the result follows them. */
  get takesHints(): boolean {
    return this.#network.takesHints;
  }

  /**
   * Predicts the colours of photos, all in one pass. A number of photos that it has not met yet is
   * prepared for first, which takes up to a second and some 200 MB for the full-size model: keep to
   * few numbers.
   *
   * @param squares each [size, size, 3] sRGB bytes: a photo squashed (`squashPicture`); their
   *   colours do not count. Must not change before the first await, and not be empty.
   * @param guides colours that things of each are given, which only a network that takes hints sees.
   * @returns for each photo ab, [size, size, 2] in [-1, 1]; the caller's own.
   */
  async predict(
    squares: readonly Uint8Array[],
    guides: readonly (ColorGuide | undefined)[] = [],
  ): Promise<Tensor3D[]> {
    const { size } = this;
    const bytes = new Uint8Array(squares.length * size * size * 3);
    squares.forEach((square, i) => bytes.set(square, i * size * size * 3));
    const pixels = this.#engine.uint8Tensor(bytes, [squares.length, size, size, 3]);
    const owned = [pixels];
    try {
      const hints = this.#hintsOf(guides, squares.length);
      if (hints) owned.push(hints);
      const ab = await this.predictColors(pixels, hints);
      owned.push(ab);
      return tf.unstack(ab) as Tensor3D[];
    } finally {
      tf.dispose(owned);
    }
  }

  /**
   * As `predict`, of photos that are on the device.
   *
   * @param pixels uint8, [B, size, size, 3].
   * @param hints a and b over 110 and a mask, [B, size, size, 3], for a network that takes them.
   * @returns ab, [B, size, size, 2] in [-1, 1]; the caller's own.
   */
  async predictColors(pixels: Tensor, hints?: Tensor): Promise<Tensor> {
    return await this.#network.predict(pixels, hints);
  }

  /**
   * Changes predicted colours where the processor reaches them.
   *
   * @param ab as `predict` gives it; stays the caller's.
   * @param toning takes and gives [pixels, 2] in the units of L*a*b*.
   * @returns the changed colours, of the same shape; the caller's own.
   */
  async tone(ab: Tensor, toning: (ab: Float32Array) => Float32Array): Promise<Tensor> {
    const values = await this.#engine.read(ab);
    const toned = toning(values.map((value) => value * abScale));
    return tf.tensor(toned.map((value) => value / abScale), ab.shape);
  }

  /** See `PhotoRecolorer.recolor`. */
  async recolor(
    photo: PhotoPixels,
    ab: Tensor,
    options: RecolorOptions = {},
  ): Promise<RecoloredPixels> {
    return await this.#recolorer.recolor(photo, ab, options);
  }

  /**
   * Prepares for one photo at a time, of any size: all that the first photo would wait for. Takes
   * about a second for the full-size model.
   */
  async prepare(): Promise<void> {
    const { size } = this;
    tf.dispose(await this.predict([new Uint8Array(size * size * 3)]));
    await this.#recolorer.prepare(size);
  }

  /** What the network sees of guides, [count, size, size, 3]; undefined where it would see nothing. */
  #hintsOf(guides: readonly (ColorGuide | undefined)[], count: number): Tensor | undefined {
    if (!this.takesHints || !guides.some((guide) => guide)) return undefined;
    const { size } = this;
    const area = size * size * 3;
    const planes = new Float32Array(count * area);
    guides.forEach((guide, i) => guide && planes.set(guide.squashed(size), i * area));
    return tf.tidy(() => tf.div(tf.tensor(planes, [count, size, size, 3]), [abScale, abScale, 1]));
  }

  [Symbol.dispose](): void {
    this.#recolorer[Symbol.dispose]();
    this.#network[Symbol.dispose]();
  }
}
