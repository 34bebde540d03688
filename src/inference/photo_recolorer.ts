import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs";
import { abScale } from "../color/lab.ts";
import { recolor, recolorDeep } from "../color/recolor.ts";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import type { ColorGuide } from "../hints/color_guide.ts";
import { type DeepPixels, upperBytes } from "../images/deep_pixels.ts";
import { resamplingWeights } from "./resampling.ts";

/**
 * Sides of the square tiles in which photos are worked on, pixels: so the function is traced twice
 * at most, for photos of all sizes, and takes the same memory, some 60 MB, for all of them.
 */
const tileSides = [128, 512] as const;

/** A picture to be recolored; its own colours do not matter. */
export interface PhotoPixels {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], sRGB; must not change meanwhile. */
  readonly rgb: Uint8Array;
  /** The same in 16 bits; where a photo has it, this is what gets colours. */
  readonly deep?: DeepPixels | undefined;
}

/** A photo's new pixels; the caller's own. */
export interface RecoloredPixels {
  /** [height, width, 3], sRGB. */
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** The same in 16 bits, where the photo has so many; its alpha is the photo's. */
  readonly deep?: DeepPixels | undefined;
}

/** How a photo is recolored. */
export interface RecolorOptions {
  /** Factor on the colours, from 0 (gray); default 1. */
  readonly saturation?: number | undefined;
  /** Colours that things are given; `saturation` does not change them. */
  readonly guide?: ColorGuide | undefined;
  /** Asked between tiles; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Puts predicted colours on photos at their own resolution. Owns the compiled functions. */
export class PhotoRecolorer implements Disposable {
  readonly #engine: Engine;
  readonly #resample: CompiledFunction;
  readonly #recolor: CompiledFunction;
  readonly #recolorDeep: CompiledFunction;
  readonly #mix: CompiledFunction;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#resample = new CompiledFunction(
      engine,
      (planes, rows, columns, scale) => [
        tf.mul(resample(soundColors(planes!), rows!, columns!), scale!),
      ],
      { name: "resample", precision: "float32" },
    );
    const recoloring = (name: string, work: typeof recolor) =>
      new CompiledFunction(
        engine,
        (pixels, colors) => {
          const [a, b] = tf.unstack(colors!);
          return [work(pixels!, { a: a!, b: b! })];
        },
        // Some fifty operations a pixel, which XLA makes one pass of: a quarter of the time. Of the
        // products above it would make slow loops.
        { name, precision: "float32", xla: !engine.context.options.gpu },
      );
    this.#recolor = recoloring("recolor", recolor);
    this.#recolorDeep = recoloring("recolorDeep", recolorDeep);
    this.#mix = new CompiledFunction(
      engine,
      (colors, guide) => {
        const [kept, a, b] = tf.unstack(guide!);
        return [tf.add(tf.mul(colors!, tf.expandDims(kept!)), tf.stack([a!, b!]))];
      },
      { name: "mix", precision: "float32" },
    );
  }

  /**
   * Compiles for tiles of all sizes, a fifth of a second each, which else the first photos wait for.
   *
   * @param inputs side of the colours that photos will come with.
   */
  async prepare(inputs: number): Promise<void> {
    const ab = tf.zeros([inputs, inputs, 2]);
    try {
      for (const side of tileSides) {
        const length = side === tileSides[0] ? 1 : 2 * tileSides[0] + 1;
        const rgb = new Uint8Array(length * 3);
        await this.recolor({ width: length, height: 1, rgb }, ab);
      }
    } finally {
      ab.dispose();
    }
  }

  /**
   * Gives a photo colours and leaves each pixel its lightness, tile after tile, without blocking the
   * event loop for long.
   *
   * @param ab the colours, [side, side, 2] in [-1, 1], of the whole photo squashed to a square; they
   *   are brought up smoothly.
   */
  async recolor(
    photo: PhotoPixels,
    ab: Tensor,
    { saturation = 1, guide, signal }: RecolorOptions = {},
  ): Promise<RecoloredPixels> {
    const { width, height, deep } = photo;
    const [small, large] = tileSides;
    const side = Math.max(width, height) <= 2 * small ? small : large;
    const source = deep?.rgb ?? photo.rgb;
    const colored = new (deep ? Uint16Array : Uint8Array)(width * height * 3);
    const tile = new (deep ? Float32Array : Uint8Array)(side * side * 3);
    const scale = tf.scalar(saturation * abScale);
    const planes = tf.transpose(ab, [2, 0, 1]);
    const inputs = ab.shape[0] ?? 0;
    const [rows, columns] = [height, width].map((length) => tileWeights(inputs, length, side));
    try {
      for (const { first: top, weights: rowWeights } of rows!) {
        for (const { first: left, weights: columnWeights } of columns!) {
          signal?.throwIfAborted();
          const lines = tileLines(photo, { left, top, side });
          for (const { start, end, at } of lines) tile.set(source.subarray(start, end), at);
          const result = await this.#run(tile, side, [
            planes,
            rowWeights,
            columnWeights,
            scale,
          ], guide?.tile({ left, top, side }));
          for (const { start, end, at } of lines) {
            colored.set(result.subarray(at, at + end - start), start);
          }
        }
      }
      return colored instanceof Uint16Array
        ? { rgb: upperBytes(colored), deep: { rgb: colored, alpha: deep?.alpha } }
        : { rgb: colored };
    } finally {
      tf.dispose([scale, planes, ...[...rows!, ...columns!].map(({ weights }) => weights)]);
    }
  }

  [Symbol.dispose](): void {
    this.#resample[Symbol.dispose]();
    this.#recolor[Symbol.dispose]();
    this.#recolorDeep[Symbol.dispose]();
    this.#mix[Symbol.dispose]();
  }

  async #run(
    tile: Uint8Array | Float32Array,
    side: number,
    colors: readonly Tensor[],
    guide: Float32Array | undefined,
  ): Promise<Uint8Array | Float32Array> {
    const isDeep = tile instanceof Float32Array;
    const shape = [1, side, side, 3] as const;
    const pixels = isDeep ? tf.tensor4d(tile, [...shape]) : this.#engine.uint8Tensor(tile, shape);
    const held: Tensor[] = [pixels];
    try {
      held.push(...await this.#resample.call(...colors));
      if (guide !== undefined) {
        const planes = tf.tensor3d(guide, [3, side, side]);
        held.push(planes);
        held.push(...await this.#mix.call(held[1]!, planes));
      }
      const recoloring = isDeep ? this.#recolorDeep : this.#recolor;
      const [result] = await recoloring.call(pixels, held.at(-1)!);
      held.push(result!);
      return await (isDeep ? this.#engine.read(result!) : this.#engine.readBytes(result!));
    } finally {
      tf.dispose(held);
    }
  }
}

/**
 * Predicted colours as they are, but for numbers of a broken model, which would be lightness gone: not
 * a number is gray, and beyond four times what sRGB holds nothing is.
 */
function soundColors(planes: Tensor): Tensor {
  const numbers = tf.where(tf.equal(planes, planes), planes, tf.zerosLike(planes));
  return tf.clipByValue(numbers, -4, 4);
}

/** Where tiles begin along an axis, and how the colours are brought up to each. */
function tileWeights(
  inputs: number,
  length: number,
  side: number,
): { readonly first: number; readonly weights: Tensor2D }[] {
  return Array.from({ length: Math.ceil(length / side) }, (_, index) => {
    const first = index * side;
    const weights = resamplingWeights(inputs, length, { first, count: side });
    return { first, weights: tf.tensor2d(weights, [side, inputs]) };
  });
}

/** The lines of a tile that lie in the photo: their bytes there, and where they go in the tile. */
function tileLines(
  { width, height }: PhotoPixels,
  { left, top, side }: { readonly left: number; readonly top: number; readonly side: number },
): { readonly start: number; readonly end: number; readonly at: number }[] {
  const pixels = Math.min(side, width - left);
  return Array.from({ length: Math.min(side, height - top) }, (_, y) => {
    const start = 3 * ((top + y) * width + left);
    return { start, end: start + 3 * pixels, at: 3 * y * side };
  });
}

/**
 * Resamples pictures along both axes.
 *
 * @param pictures [N, h, w].
 * @param rows [H, h]; `columns` [W, w]; see `resamplingWeights`.
 * @returns [N, H, W].
 */
function resample(pictures: Tensor, rows: Tensor, columns: Tensor): Tensor {
  const tall = tf.matMul(tf.expandDims(rows), pictures as Tensor3D); // [N, H, w]
  return tf.matMul(tall, tf.expandDims(columns), false, true);
}
