import { Random } from "./random.ts";

/*
 * Scenes are to be the same bytes on every machine and in every engine. ECMAScript fixes + - * / and
 * Math.sqrt to the last bit but leaves Math.sin, Math.exp, Math.pow and their kin to the engine; so
 * this file has its own.
 */

/** Clamps to [0, 1]. */
export function unit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** 0 up to `from`, 1 from `to` on, a smooth S between. `from` may be the larger one. */
export function smooth(from: number, to: number, value: number): number {
  const t = unit((value - from) / (to - from));
  return t * t * (3 - 2 * t);
}

/** Linear blend: a at t = 0, b at t = 1. */
export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** Sine of an angle in turns (1 = a full circle), to 0.001: a parabola, corrected once. */
export function sine(turns: number): number {
  const half = 2 * (turns - Math.floor(turns + 0.5)); // [-1, 1): half a turn is 1
  const parabola = 4 * half * (1 - Math.abs(half));
  return 0.225 * (parabola * Math.abs(parabola) - parabola) + parabola;
}

/** Cosine of an angle in turns, to 0.001. */
export function cosine(turns: number): number {
  return sine(turns + 0.25);
}

/** The angle of (x, y) in turns, [-0.5, 0.5], to 0.001; 0 is along x, 0.25 along y. */
export function turnsOf(x: number, y: number): number {
  const ax = Math.abs(x), ay = Math.abs(y);
  if (ax + ay === 0) return 0;
  const ratio = ax > ay ? ay / ax : ax / ay;
  let turns = ratio * (0.125 + 0.0434 * (1 - ratio)); // atan on [0, 1]
  if (ay > ax) turns = 0.25 - turns;
  if (x < 0) turns = 0.5 - turns;
  return y < 0 ? -turns : turns;
}

/** Distance of (x, y) from the origin. */
export function radius(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

const LATTICE = 64;
let lattice: Float32Array | undefined;

/** The random values that every noise interpolates; built at first use, the same for all scenes. */
function latticeValues(): Float32Array {
  if (lattice === undefined) {
    const random = new Random(20110614);
    lattice = Float32Array.from({ length: LATTICE * LATTICE }, () => random.next());
  }
  return lattice;
}

/** Value noise in [0, 1], one cell a unit, repeating every 64 cells. Scenes differ by their offset. */
export function noise(x: number, y: number): number {
  const values = lattice ?? latticeValues();
  const cellX = Math.floor(x), cellY = Math.floor(y);
  const fx = x - cellX, fy = y - cellY;
  const sx = fx * fx * (3 - 2 * fx), sy = fy * fy * (3 - 2 * fy);
  const left = cellX & 63, right = (cellX + 1) & 63;
  const top = (cellY & 63) << 6, bottom = ((cellY + 1) & 63) << 6;
  const a = values[top | left] ?? 0, b = values[top | right] ?? 0;
  const c = values[bottom | left] ?? 0, d = values[bottom | right] ?? 0;
  const upper = a + (b - a) * sx;
  return upper + (c + (d - c) * sx - upper) * sy;
}

/** Fractal noise in about [0, 1]: octaves of noise, each twice as fine and half as strong. */
export function clouds(x: number, y: number, octaves: number): number {
  let sum = 0, weight = 0.5, total = 0;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(x, y);
    total += weight;
    weight *= 0.5;
    x = x * 2 + 17.3;
    y = y * 2 + 5.7;
  }
  return sum / total;
}
