import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs";
import { availableParallelism } from "node:os";
import { abScale } from "../color/lab.ts";
import { recolor, recolorDeep } from "../color/recolor.ts";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import type { ColorGuide } from "../hints/color_guide.ts";
import { type DeepPixels, upperBytes } from "../images/deep_pixels.ts";
import { inOrder } from "../images/in_order.ts";
import { inputsOf, resamplingWeights, type Stretch } from "./resampling.ts";

/** Rows and columns of the tiles in which photos are worked on, in pixels. */
interface TileShape {
  readonly rows: number;
  readonly columns: number;
}

/**
 * So the functions are traced a few times, for photos of all sizes, and take the same memory, some 30 MB
 * a tile, for all of them. A tile is one thread's work: of a photo of 512 x 512 two threads have one each.
 */
const smallTile: TileShape = { rows: 128, columns: 128 };
const largeTile: TileShape = { rows: 256, columns: 512 };

/** Photos whose sides are no longer than this are made of small tiles. */
const MAX_SMALL_SIDE = 256;

/** Tiles at a time, at most: on a thread each. */
const MAX_TILES = 4;

/**
 * Predicted colours that a tile's are made of, where so many do along an axis: of a large photo each tile
 * lies in few of them. Where there are more, all are taken, so that few shapes are traced.
 */
const FEW_INPUTS = 72;

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
      for (const length of [1, MAX_SMALL_SIDE + 1]) {
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
    const shape = Math.max(width, height) <= MAX_SMALL_SIDE ? smallTile : largeTile;
    const colored = new (deep ? Uint16Array : Uint8Array)(width * height * 3);
    const scale = tf.scalar(saturation * abScale);
    const planes = tf.transpose(ab, [2, 0, 1]);
    const inputs = ab.shape[0] ?? 0;
    const rows = tilesAlong(inputs, height, shape.rows);
    const columns = tilesAlong(inputs, width, shape.columns);
    const work = async (index: number) => {
      const row = rows[Math.floor(index / columns.length)]!;
      const column = columns[index % columns.length]!;
      const place = { ...shape, left: column.first, top: row.first };
      const few = partOf(planes, row.among, column.among);
      try {
        const colors = [few, row.weights, column.weights, scale];
        await this.#run(photo, colored, place, colors, guide?.tile(place));
      } finally {
        if (few !== planes) few.dispose();
      }
    };
    const { threads } = this.#engine.context.options;
    const concurrency = Math.min(threads || availableParallelism(), MAX_TILES);
    const tiles = inOrder(rows.length * columns.length, work, {
      concurrency,
      ahead: concurrency,
      signal,
    });
    try {
      for await (const _ of tiles);
      return colored instanceof Uint16Array
        ? { rgb: upperBytes(colored), deep: { rgb: colored, alpha: deep?.alpha } }
        : { rgb: colored };
    } finally {
      tf.dispose([scale, planes, ...[...rows, ...columns].map(({ weights }) => weights)]);
    }
  }

  [Symbol.dispose](): void {
    this.#resample[Symbol.dispose]();
    this.#recolor[Symbol.dispose]();
    this.#recolorDeep[Symbol.dispose]();
    this.#mix[Symbol.dispose]();
  }

  /** Has a tile of a photo recolored; its pixels go into `colored`. */
  async #run(
    { width, height, rgb, deep }: PhotoPixels,
    colored: Uint8Array | Uint16Array,
    place: TilePlace,
    colors: readonly Tensor[],
    guide: Float32Array | undefined,
  ): Promise<void> {
    const source = deep?.rgb ?? rgb;
    const lines = tileLines({ width, height }, place);
    const values = (memory: Uint8Array<ArrayBuffer>) =>
      deep ? new Float32Array(memory.buffer) : memory;
    const shape = [1, place.rows, place.columns, 3];
    const pixels = this.#engine.filledTensor(deep ? "float32" : "uint8", shape, (memory) => {
      const tile = values(memory);
      for (const { start, end, at } of lines) tile.set(source.subarray(start, end), at);
    });
    const held: Tensor[] = [pixels];
    try {
      held.push(...await this.#resample.call(...colors));
      if (guide !== undefined) {
        const planes = tf.tensor3d(guide, [3, place.rows, place.columns]);
        held.push(planes);
        held.push(...await this.#mix.call(held[1]!, planes));
      }
      const [result] = await (deep ? this.#recolorDeep : this.#recolor).call(pixels, held.at(-1)!);
      held.push(result!);
      await this.#engine.lookAt(result!, (memory) => {
        const tile = values(memory);
        for (const { start, end, at } of lines) {
          colored.set(tile.subarray(at, at + end - start), start);
        }
      });
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

/** Where a tile lies in a photo; it may reach past its right and lower edges. */
interface TilePlace extends TileShape {
  readonly left: number;
  readonly top: number;
}

/** A stretch of tiles along an axis. */
interface TileStretch {
  /** The first of its pixels. */
  readonly first: number;
  /** The predicted colours that its own are made of. */
  readonly among: Stretch;
  /** How they are brought up, [side, among.count]. */
  readonly weights: Tensor2D;
}

/** Where tiles begin along an axis, and how the colours are brought up to each. */
function tilesAlong(inputs: number, length: number, side: number): TileStretch[] {
  return Array.from({ length: Math.ceil(length / side) }, (_, index) => {
    const first = index * side;
    const seen = inputsOf(inputs, length, { first, count: side });
    const among = seen.count > FEW_INPUTS || inputs <= FEW_INPUTS
      ? { first: 0, count: inputs }
      : { first: Math.min(seen.first, inputs - FEW_INPUTS), count: FEW_INPUTS };
    const weights = resamplingWeights(inputs, length, { first, count: side, among });
    return { first, among, weights: tf.tensor2d(weights, [side, among.count]) };
  });
}

/** Some rows and columns of planes, [N, rows.count, columns.count]; where it is all of them, the planes themselves. */
function partOf(planes: Tensor, rows: Stretch, columns: Stretch): Tensor {
  const [count = 0, height, width] = planes.shape;
  if (rows.count === height && columns.count === width) return planes;
  return tf.slice(planes, [0, rows.first, columns.first], [count, rows.count, columns.count]);
}

/** The lines of a tile that lie in the photo: their samples there, and where they go in the tile. */
function tileLines(
  { width, height }: Pick<PhotoPixels, "width" | "height">,
  { left, top, rows, columns }: TilePlace,
): { readonly start: number; readonly end: number; readonly at: number }[] {
  const pixels = Math.min(columns, width - left);
  const count = Math.min(rows, height - top);
  if (pixels === width && pixels === columns) {
    const start = 3 * top * width; // one after the other, in both
    return [{ start, end: start + 3 * pixels * count, at: 0 }];
  }
  return Array.from({ length: count }, (_, y) => {
    const start = 3 * ((top + y) * width + left);
    return { start, end: start + 3 * pixels, at: 3 * y * columns };
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
