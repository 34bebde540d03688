import { setImmediate } from "node:timers/promises";
import { chromaAt, lightnessAt } from "./byte_colors.ts";
import type { ColorHint } from "./color_hint.ts";
import {
  type ColorSeeds,
  type LightnessGrid,
  type SpreadColors,
  spreadColors,
} from "./spread_colors.ts";

/** Cells along a photo's longer side, at most: there colours spread, and from there they are brought up. */
const CELLS = 256;

/** What lightness of a pixel may differ from that of its hint's own pixel, in L*, to be of its disc. */
const SAME_THING = 10;

/** How far apart lightness of a pixel and of a cell are when the cell counts half, in L*. */
const HALF_LIKE = 8;

/** Pixels that are gone through at once. */
const PIXELS_AT_ONCE = 2 ** 21;

/** A photo whose things are given colours; its own colours do not matter. */
interface GuidedPhoto {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], sRGB; must not change meanwhile. */
  readonly rgb: Uint8Array;
}

/** A picture of strokes that lies over the photo. */
export interface StrokePicture {
  /** [height, width, 3] of the photo's size. */
  readonly rgb: Uint8Array;
  /** [height, width]; a pixel of a stroke has 128 and more. */
  readonly alpha: Uint8Array;
}

/** What says which colours things have. */
interface GivenColors {
  /** In the photo. */
  readonly hints: readonly ColorHint[];
  readonly strokes?: StrokePicture | undefined;
}

/** A part of a photo; it may reach past the photo's right and lower edges. */
interface TilePlace {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
}

/** The colours that hints come to, all over a photo. */
export class ColorGuide {
  readonly #photo: GuidedPhoto;
  readonly #given: GivenColors;
  readonly #cell: number;
  readonly #grid: LightnessGrid;
  readonly #spread: SpreadColors;

  private constructor(
    photo: GuidedPhoto,
    given: GivenColors,
    cell: number,
    grid: LightnessGrid,
  ) {
    this.#photo = photo;
    this.#given = given;
    this.#cell = cell;
    this.#grid = grid;
    this.#spread = spreadColors(grid, seedsOf(photo, given, cell, grid));
  }

  /**
   * Spreads given colours over a photo. Some 60 ms a million pixels, with `tile` of all its tiles.
   *
   * @param signal asked now and then; its reason is thrown.
   */
  static async over(
    photo: GuidedPhoto,
    given: GivenColors,
    signal?: AbortSignal,
  ): Promise<ColorGuide> {
    const cell = Math.max(1, Math.ceil(Math.max(photo.width, photo.height) / CELLS));
    const grid = await gridOf(photo, cell, signal);
    return new ColorGuide(photo, given, cell, grid);
  }

  /**
   * The colours of a tile.
   *
   * @returns [3, rows, columns]: what stays of the predicted colours, from 0 to 1, and what is added to
   *   a* and b*; undefined where nothing of the tile is given a colour.
   */
  tile(place: TilePlace): Float32Array<ArrayBuffer> | undefined {
    if (!this.#reaches(place)) return undefined;
    const planes = new Float32Array(3 * place.rows * place.columns);
    this.#bringUp(place, planes);
    for (const hint of this.#given.hints) this.#setDisc(place, hint, planes);
    this.#setStrokes(place, planes);
    return planes;
  }

  /**
   * The given colours alone, as a generator that takes hints sees them: the photo and they squashed to a
   * square. A hint is a square as wide as its disc, of a pixel at least; what strokes cover of a pixel
   * is averaged.
   *
   * @param size pixels along a side.
   * @returns a*, b* and a mask of 1, [size, size, 3]; 0 where nothing is given.
   */
  squashed(size: number): Float32Array<ArrayBuffer> {
    const { width, height } = this.#photo;
    const { hints, strokes } = this.#given;
    const planes = new Float32Array(size * size * 3);
    const cellAt = (x: number, y: number) =>
      Math.floor(y * size / height) * size + Math.floor(x * size / width);
    for (const [cell, { a, b, count }] of strokes ? sumsOf(this.#photo, strokes, cellAt) : []) {
      planes.set([a / count, b / count, 1], 3 * cell);
    }
    for (const { x, y, radius, a, b } of hints) {
      const [left, right] = spanOf(x, radius, size / width, size);
      const [top, bottom] = spanOf(y, radius, size / height, size);
      for (let row = top; row <= bottom; row++) {
        for (let column = left; column <= right; column++) {
          planes.set([a, b, 1], 3 * (row * size + column));
        }
      }
    }
    return planes;
  }

  #reaches({ left, top, columns, rows }: TilePlace): boolean {
    const { width, height } = this.#grid;
    const cell = this.#cell;
    const first = Math.max(0, Math.floor(left / cell) - 1);
    const last = Math.min(width - 1, Math.floor((left + columns) / cell) + 1);
    const end = Math.min(height - 1, Math.floor((top + rows) / cell) + 1);
    for (let y = Math.max(0, Math.floor(top / cell) - 1); y <= end; y++) {
      for (let x = first; x <= last; x++) if (this.#spread.weight[y * width + x]! > 0) return true;
    }
    return false;
  }

  /** Each pixel has the colours of the four cells around it, by their distance and likeness. */
  #bringUp({ left, top, ...tile }: TilePlace, planes: Float32Array): void {
    const { rgb, width, height } = this.#photo;
    const { lightness, width: columns, height: rows } = this.#grid;
    const { weight, a, b } = this.#spread;
    const area = tile.rows * tile.columns;
    const right = Math.min(tile.columns, width - left);
    const bottom = Math.min(tile.rows, height - top);
    planes.fill(1, 0, area);
    for (let y = 0; y < bottom; y++) {
      const row = Math.max(0, (top + y + 0.5) / this.#cell - 0.5);
      const above = Math.min(rows - 1, Math.floor(row));
      const below = Math.min(rows - 1, above + 1);
      const down = row - above;
      for (let x = 0; x < right; x++) {
        const column = Math.max(0, (left + x + 0.5) / this.#cell - 0.5);
        const before = Math.min(columns - 1, Math.floor(column));
        const after = Math.min(columns - 1, before + 1);
        const cells0 = above * columns + before, cells1 = above * columns + after;
        const cells2 = below * columns + before, cells3 = below * columns + after;
        const w0 = weight[cells0]!, w1 = weight[cells1]!;
        const w2 = weight[cells2]!, w3 = weight[cells3]!;
        if (w0 + w1 + w2 + w3 === 0) continue;
        const light = lightnessAt(rgb, 3 * ((top + y) * width + left + x));
        const across = column - before;
        const l0 = (1 - down) * (1 - across) * likeness(light - lightness[cells0]!);
        const l1 = (1 - down) * across * likeness(light - lightness[cells1]!);
        const l2 = down * (1 - across) * likeness(light - lightness[cells2]!);
        const l3 = down * across * likeness(light - lightness[cells3]!);
        const scale = 1 / (l0 + l1 + l2 + l3);
        const k0 = l0 * w0 * scale,
          k1 = l1 * w1 * scale,
          k2 = l2 * w2 * scale,
          k3 = l3 * w3 * scale;
        const at = y * tile.columns + x;
        planes[at] = 1 - (k0 + k1 + k2 + k3);
        planes[area + at] = k0 * a[cells0]! + k1 * a[cells1]! + k2 * a[cells2]! + k3 * a[cells3]!;
        planes[2 * area + at] = k0 * b[cells0]! + k1 * b[cells1]! + k2 * b[cells2]! +
          k3 * b[cells3]!;
      }
    }
  }

  /** The pixels of a hint's disc have its very colour, and so has its own one whatever its lightness. */
  #setDisc({ left, top, columns, rows }: TilePlace, hint: ColorHint, planes: Float32Array): void {
    const { rgb, width, height } = this.#photo;
    const middle = { x: Math.floor(hint.x), y: Math.floor(hint.y) };
    const own = lightnessAt(rgb, 3 * (middle.y * width + middle.x));
    const window = {
      left: Math.max(left, middle.x - Math.floor(hint.radius)),
      top: Math.max(top, middle.y - Math.floor(hint.radius)),
      right: Math.min(left + columns - 1, width - 1, middle.x + Math.floor(hint.radius)),
      bottom: Math.min(top + rows - 1, height - 1, middle.y + Math.floor(hint.radius)),
    };
    for (let y = window.top; y <= window.bottom; y++) {
      for (let x = window.left; x <= window.right; x++) {
        if ((x - middle.x) ** 2 + (y - middle.y) ** 2 > hint.radius ** 2) continue;
        const change = lightnessAt(rgb, 3 * (y * width + x)) - own;
        if (Math.abs(change) > SAME_THING) continue;
        setColor(planes, (y - top) * columns + x - left, hint);
      }
    }
  }

  #setStrokes({ left, top, columns, rows }: TilePlace, planes: Float32Array): void {
    const { strokes } = this.#given;
    if (strokes === undefined) return;
    const { width, height } = this.#photo;
    const right = Math.min(columns, width - left);
    const bottom = Math.min(rows, height - top);
    const colors = new StrokeColors(strokes);
    for (let y = 0; y < bottom; y++) {
      for (let x = 0; x < right; x++) {
        const pixel = (top + y) * width + left + x;
        if (strokes.alpha[pixel]! < 128) continue;
        setColor(planes, y * columns + x, colors.at(pixel));
      }
    }
  }
}

/** The first and the last pixel of a squashed axis whose centres a disc covers; its own one in any case. */
function spanOf(place: number, radius: number, scale: number, size: number): [number, number] {
  const own = Math.min(size - 1, Math.floor(place * scale));
  const first = Math.ceil((place - radius) * scale - 0.5);
  const last = Math.floor((place + radius) * scale - 0.5);
  return [Math.max(0, Math.min(own, first)), Math.min(size - 1, Math.max(own, last))];
}

function likeness(difference: number): number {
  const square = (difference / HALF_LIKE) ** 2;
  return 1 / (1 + square * square) + 1e-6;
}

function setColor(
  planes: Float32Array,
  at: number,
  { a, b }: { readonly a: number; readonly b: number },
): void {
  const area = planes.length / 3;
  planes[at] = 0;
  planes[area + at] = a;
  planes[2 * area + at] = b;
}

async function gridOf(
  { width, height, rgb }: GuidedPhoto,
  cell: number,
  signal: AbortSignal | undefined,
): Promise<LightnessGrid> {
  const columns = Math.ceil(width / cell);
  const rows = Math.ceil(height / cell);
  const lightness = new Float32Array(columns * rows);
  const counts = new Float32Array(columns * rows);
  let pixels = 0;
  for (let y = 0; y < height; y++) {
    const first = Math.floor(y / cell) * columns;
    for (let x = 0, at = 3 * y * width; x < width; x++, at += 3) {
      const index = first + ((x / cell) | 0);
      lightness[index]! += lightnessAt(rgb, at);
      counts[index]!++;
    }
    pixels += width;
    if (pixels < PIXELS_AT_ONCE) continue;
    pixels = 0;
    await setImmediate();
    signal?.throwIfAborted();
  }
  for (let index = 0; index < lightness.length; index++) lightness[index]! /= counts[index]!;
  return { width: columns, height: rows, lightness };
}

/**
 * The cells that strokes and hints lie in; of two in a cell the hint holds. Where an edge runs through
 * such a cell it takes the lightness of the side that was meant.
 */
function seedsOf(
  photo: GuidedPhoto,
  { hints, strokes }: GivenColors,
  cell: number,
  { width: columns, height: rows, lightness }: LightnessGrid,
): ColorSeeds {
  const seeds = new Map<number, { readonly a: number; readonly b: number }>();
  const cellAt = (x: number, y: number) => Math.floor(y / cell) * columns + Math.floor(x / cell);
  for (const [index, { a, b, light, count }] of strokes ? sumsOf(photo, strokes, cellAt) : []) {
    seeds.set(index, { a: a / count, b: b / count });
    lightness[index] = light / count;
  }
  for (const { x, y } of hints) {
    const pixel = Math.floor(y) * photo.width + Math.floor(x);
    lightness[cellAt(x, y)] = lightnessAt(photo.rgb, 3 * pixel);
  }
  for (const hint of hints) {
    const own = cellAt(hint.x, hint.y);
    const first = { x: Math.floor(hint.x / cell), y: Math.floor(hint.y / cell) };
    const reach = Math.floor(hint.radius / cell);
    for (let y = Math.max(0, first.y - reach); y <= Math.min(rows - 1, first.y + reach); y++) {
      for (let x = Math.max(0, first.x - reach); x <= Math.min(columns - 1, first.x + reach); x++) {
        const index = y * columns + x;
        const isIn = (x - first.x) ** 2 + (y - first.y) ** 2 <= (hint.radius / cell) ** 2;
        const isLike = Math.abs(lightness[index]! - lightness[own]!) <= SAME_THING;
        if (isIn && isLike) seeds.set(index, hint);
      }
    }
  }
  for (const hint of hints) seeds.set(cellAt(hint.x, hint.y), hint);
  const colors = [...seeds.values()];
  return {
    cells: [...seeds.keys()],
    a: colors.map(({ a }) => a),
    b: colors.map(({ b }) => b),
  };
}

/** What the pixels of strokes come to in each cell that has some. */
function sumsOf(
  { width, rgb }: GuidedPhoto,
  strokes: StrokePicture,
  cellAt: (x: number, y: number) => number,
) {
  const sums = new Map<number, { a: number; b: number; light: number; count: number }>();
  const colors = new StrokeColors(strokes);
  for (let pixel = 0; pixel < strokes.alpha.length; pixel++) {
    if (strokes.alpha[pixel]! < 128) continue;
    const { a, b } = colors.at(pixel);
    const index = cellAt(pixel % width, Math.floor(pixel / width));
    const sum = sums.get(index) ?? { a: 0, b: 0, light: 0, count: 0 };
    sum.a += a;
    sum.b += b;
    sum.light += lightnessAt(rgb, 3 * pixel);
    sum.count++;
    sums.set(index, sum);
  }
  return sums;
}

/** Colours of strokes; the last one is kept, since most neighbours have the same. */
class StrokeColors {
  readonly #rgb: Uint8Array;
  #last = -1;
  #color = { a: 0, b: 0 };

  constructor({ rgb }: StrokePicture) {
    this.#rgb = rgb;
  }

  at(pixel: number): { readonly a: number; readonly b: number } {
    const at = 3 * pixel;
    const rgb = this.#rgb;
    const code = rgb[at]! << 16 | rgb[at + 1]! << 8 | rgb[at + 2]!;
    if (code !== this.#last) {
      this.#color = chromaAt(rgb, at);
      this.#last = code;
    }
    return this.#color;
  }
}
