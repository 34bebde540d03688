import type { Canvas } from "./canvas.ts";
import { clouds } from "./noise.ts";
import type { Random } from "./random.ts";

/** A line across the picture, such as a skyline or a shore: a height (0 top, 1 bottom) at each x. */
export class Crest {
  /** Its highest point. */
  readonly top: number;
  /** Its lowest point. */
  readonly bottom: number;
  readonly #heights: Float64Array; // one a column

  constructor(canvas: Canvas, heightAt: (x: number) => number) {
    const { size } = canvas;
    this.#heights = Float64Array.from({ length: size }, (_, i) => heightAt((i + 0.5) / size));
    this.top = Math.min(...this.#heights);
    this.bottom = Math.max(...this.#heights);
  }

  /** Its height at x. */
  at(x: number): number {
    const last = this.#heights.length - 1;
    const column = Math.floor(x * (last + 1));
    return this.#heights[column < 0 ? 0 : column > last ? last : column] ?? 0;
  }

  /** How steeply it falls at x, seen over 0.04: positive where it goes down to the right. */
  slope(x: number): number {
    return (this.at(x + 0.02) - this.at(x - 0.02)) / 0.04;
  }
}

/** A soft line around `height`, `swing` up and down, with `bumps` cells of noise across the picture. */
export function softCrest(
  canvas: Canvas,
  random: Random,
  height: number,
  swing: number,
  bumps: number,
): Crest {
  const offset = random.between(0, 60), row = random.between(0, 60);
  return new Crest(canvas, (x) => height + swing * (1 - 2 * clouds(x * bumps + offset, row, 2)));
}
