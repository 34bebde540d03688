import type { Sides } from "../../../src/engine/kernels/convolution_forms.ts";

/** Numbers with a shape, in float64. */
export interface Grid {
  readonly shape: readonly [number, number, number, number];
  readonly values: Float64Array;
}

/** How a convolution moves. */
interface Movement {
  readonly stride: number;
  readonly sides: Sides;
}

/** A grid of zeros. */
function zeros(shape: Grid["shape"]): Grid {
  return { shape, values: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

/** A grid of numbers in [-1, 1) that look random, the same ones for the same seed. */
export function noise(shape: Grid["shape"], seed: number): Grid {
  const grid = zeros(shape);
  let state = seed;
  grid.values.forEach((_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes
    grid.values[i] = Math.fround(state / 2 ** 31 - 1);
  });
  return grid;
}

/** The convolution of x [B, H, W, in] with a filter [kh, kw, in, out], by its definition. */
export function convolve(x: Grid, filter: Grid, movement: Movement): Grid {
  const [batch, height, width] = x.shape;
  const [kh, kw, , out] = filter.shape;
  const { stride, sides: [top, bottom, left, right] } = movement;
  const y = zeros([
    batch,
    Math.floor((height + top + bottom - kh) / stride) + 1,
    Math.floor((width + left + right - kw) / stride) + 1,
    out,
  ]);
  visit(x.shape, filter.shape, y.shape, movement, (xAt, filterAt, yAt) => {
    y.values[yAt]! += x.values[xAt]! * filter.values[filterAt]!;
  });
  return y;
}

/** The gradient of a sum of dy times the convolution, by the input of `shape`. */
export function inputGradient(shape: Grid["shape"], filter: Grid, dy: Grid, by: Movement): Grid {
  const dx = zeros(shape);
  visit(shape, filter.shape, dy.shape, by, (xAt, filterAt, yAt) => {
    dx.values[xAt]! += dy.values[yAt]! * filter.values[filterAt]!;
  });
  return dx;
}

/** The gradient of a sum of dy times the convolution, by the filter of `shape`. */
export function filterGradient(x: Grid, shape: Grid["shape"], dy: Grid, by: Movement): Grid {
  const dfilter = zeros(shape);
  visit(x.shape, shape, dy.shape, by, (xAt, filterAt, yAt) => {
    dfilter.values[filterAt]! += dy.values[yAt]! * x.values[xAt]!;
  });
  return dfilter;
}

/** Calls `term` for every product of the convolution, with the places of its three numbers. */
function visit(
  [batch, height, width, channels]: Grid["shape"],
  [kh, kw, , out]: Grid["shape"],
  [, h, w]: Grid["shape"],
  { stride, sides: [top, , left] }: Movement,
  term: (xAt: number, filterAt: number, yAt: number) => void,
): void {
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < h; i++) {
      for (let j = 0; j < w; j++) {
        for (let k = 0; k < kh; k++) {
          const row = i * stride + k - top;
          if (row < 0 || row >= height) continue;
          for (let l = 0; l < kw; l++) {
            const column = j * stride + l - left;
            if (column < 0 || column >= width) continue;
            const xAt = ((b * height + row) * width + column) * channels;
            const yAt = ((b * h + i) * w + j) * out;
            for (let c = 0; c < channels; c++) {
              const filterAt = ((k * kw + l) * channels + c) * out;
              for (let o = 0; o < out; o++) term(xAt + c, filterAt + o, yAt + o);
            }
          }
        }
      }
    }
  }
}
