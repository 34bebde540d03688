import { blend, type Canvas, newInk } from "./canvas.ts";
import * as materials from "./materials.ts";
import { mix, noise, smooth, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import { haze, type Light } from "./sky.ts";

/** A chain of mountains that stand on `foot`, the tallest ones reaching up to about `top`. */
export function drawMountains(
  canvas: Canvas,
  random: Random,
  top: number,
  foot: number,
  light: Light,
): void {
  const snowLine = mix(top, foot, random.between(0.4, 0.55));
  const count = random.integer(4, 6);
  const peaks = Array.from({ length: count }, (_, i) => ({
    x: (i + random.between(0, 1)) / count,
    top: mix(top, foot, random.chance(0.4) ? random.between(0, 0.1) : random.between(0.15, 0.4)),
  })).sort((a, b) => a.top - b.top);
  for (const peak of peaks) drawPeak(canvas, random, peak.x, peak.top, foot, snowLine, light);
}

/** One mountain: violet rock, snow above the line, a ridge that parts the lit side from the shady one. */
function drawPeak(
  canvas: Canvas,
  random: Random,
  x: number,
  top: number,
  foot: number,
  snowLine: number,
  light: Light,
): void {
  const steepness = random.between(0.85, 1.15),
    u0 = random.between(0, 60),
    v0 = random.between(0, 60);
  const lean = random.between(-0.4, 0.4), over = newInk();
  const reach = (foot - top) * steepness * 1.25;
  canvas.paint(x - reach, top, x + reach, foot, (px, py, ink) => {
    const down = py - top, across = px - x;
    const outside = Math.abs(across) - down * steepness;
    if (outside > 0.05) return 0;
    const jag = noise(px * 24 + u0, py * 7) - 0.5 + 0.5 * (noise(px * 55, py * 30 + v0) - 0.5);
    const distance = outside - 0.035 * jag * smooth(0, 0.1, down);
    const coverage = canvas.cover(distance * 0.7);
    if (coverage === 0) return 0;
    const ridge = lean * down + 0.07 * (noise(down * 17 + u0, v0) - 0.5) * smooth(0, 0.12, down);
    const side = smooth(-0.012, 0.012, across - ridge) * 2 - 1; // -1 left of the ridge, 1 right of it
    const gully = noise(across * 26 - side * down * 16 + u0, down * 6 + v0) - 0.5;
    const tone = 0.5 + 0.34 * side * (light.x > 0 ? 1 : -1) + 0.5 * gully;
    const line = snowLine + 0.09 * gully + 0.07 * (noise(px * 30 + v0, 5) - 0.5);
    materials.rock(0.16 + 0.5 * tone, ink);
    materials.snow(0.34 + 0.6 * tone, over);
    blend(ink, over, canvas.cover((py - line) * 0.7));
    haze(ink, 0.5 * unit((py - snowLine) * 2));
    return coverage;
  });
}
