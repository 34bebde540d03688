import { blend, type Canvas, newInk, type Ramp } from "./canvas.ts";
import { type Crest, softCrest } from "./crest.ts";
import * as materials from "./materials.ts";
import { clouds, mix, noise, smooth, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import { haze, type Light } from "./sky.ts";

/** Blue hills in the haze of the distance, above `horizon`. */
export function drawFarHills(
  canvas: Canvas,
  random: Random,
  horizon: number,
  light: Light,
): void {
  const rise = random.between(0.03, 0.1);
  const crest = softCrest(canvas, random, horizon - rise, 0.09, random.between(2, 4));
  canvas.paint(0, crest.top - 0.02, 1, horizon + 0.02, (x, y, ink) => {
    const below = y - crest.at(x);
    materials.farHills(0.5 + 0.5 * crest.slope(x) * light.x - 0.4 * below, ink);
    haze(ink, unit(below * 2.5));
    return canvas.cover(-below);
  });
}

/** Green hills with woods on them, above `horizon`. */
export function drawNearHills(
  canvas: Canvas,
  random: Random,
  horizon: number,
  light: Light,
): void {
  const crest = softCrest(canvas, random, horizon - 0.02, 0.05, random.between(2, 3.5));
  const u0 = random.between(0, 60);
  canvas.paint(0, crest.top - 0.02, 1, horizon + 0.02, (x, y, ink) => {
    const below = y - crest.at(x);
    const coverage = canvas.cover(-below);
    if (coverage === 0) return 0;
    const wood = noise(x * 34 + u0, y * 40) - 0.5;
    materials.nearHills(0.5 + 0.5 * crest.slope(x) * light.x + 0.55 * wood - 0.5 * below, ink);
    return coverage;
  });
}

/** Distance along the ground, as the eye sees it: about 1 near the lower edge, 5 at the horizon. */
function distanceOf(near: number): number {
  return 1.2 / (near + 0.25);
}

/** How far down the ground a point lies, from 0 at the horizon to 1 at the lower edge. */
function nearnessOf(y: number, horizon: number): number {
  return unit((y - horizon) / (1 - horizon));
}

/** A meadow: tufts of upright blades, finer and lighter towards the horizon. */
export function drawGrass(canvas: Canvas, random: Random, horizon: number): void {
  const u0 = random.between(0, 60), v0 = random.between(0, 60);
  canvas.paint(0, horizon, 1, 1, (x, y, ink) => {
    const near = nearnessOf(y, horizon), distance = distanceOf(near);
    const u = (x - 0.5) * distance;
    const tufts = noise(u * 30 + u0, distance * 26 + v0) - 0.5;
    const blades = noise(x * 46 + u0, y * 15 + v0) - 0.5;
    const patches = clouds(u * 3.5 + v0, distance * 7 + u0, 2) - 0.5;
    const detail = (0.34 * tufts + 0.3 * blades) * (0.3 + near);
    materials.grass(0.64 - 0.16 * near + detail + 0.5 * patches, ink);
    return canvas.cover(horizon - y);
  });
}

/** A field of ripe wheat, or of lavender in rows that run to a point on the horizon. */
export function drawField(
  canvas: Canvas,
  random: Random,
  horizon: number,
  kind: "wheat" | "lavender",
): void {
  if (kind === "wheat") drawWheat(canvas, random, horizon);
  else drawLavender(canvas, random, horizon);
}

function drawWheat(canvas: Canvas, random: Random, horizon: number): void {
  const u0 = random.between(0, 60), v0 = random.between(0, 60);
  canvas.paint(0, horizon, 1, 1, (x, y, ink) => {
    const near = nearnessOf(y, horizon), distance = distanceOf(near);
    const u = (x - 0.5) * distance;
    const ears = noise(x * 42 + u0, y * 13 + v0) - 0.5;
    const stand = noise(u * 34 + v0, distance * 30 + u0) - 0.5;
    const wind = clouds(u * 2 + u0, distance * 4 + v0, 2) - 0.5;
    materials.wheat(0.64 + (0.4 * ears + 0.36 * stand) * (0.35 + near) + 0.4 * wind, ink);
    return canvas.cover(horizon - y);
  });
}

function drawLavender(canvas: Canvas, random: Random, horizon: number): void {
  const u0 = random.between(0, 60), v0 = random.between(0, 60);
  const vanishX = random.between(0.25, 0.75), over = newInk();
  canvas.paint(0, horizon, 1, 1, (x, y, ink) => {
    const near = nearnessOf(y, horizon);
    const depth = 1 / (near + 0.12);
    const rows = (x - vanishX) * depth * 3.6;
    const ridge = Math.abs(rows - Math.floor(rows) - 0.5) * 2; // 0 on the row, 1 between two rows
    const bushes = noise(rows * 4.4 + u0, depth * 9 + v0) - 0.5;
    materials.lavender(0.62 - 0.42 * ridge * smooth(0, 0.2, near) + 0.6 * bushes, ink);
    const between = smooth(0.62, 0.82, ridge + 0.3 * bushes) * smooth(0.02, 0.16, near);
    if (between > 0) {
      materials.grass(0.34 + 0.3 * bushes, over);
      blend(ink, over, between);
    }
    return canvas.cover(horizon - y);
  });
}

/** A beach below its `shore`: fine grains on soft ripples, dark where it is wet. */
export function drawSand(canvas: Canvas, random: Random, shore: Crest): void {
  const u0 = random.between(0, 60), v0 = random.between(0, 60);
  canvas.paint(0, shore.top - 0.02, 1, 1, (x, y, ink) => {
    const below = y - shore.at(x);
    const coverage = canvas.cover(-below);
    if (coverage === 0) return 0;
    const grains = noise(x * 63 + u0, y * 63 + v0) - 0.5;
    const ripples = clouds(x * 4 + u0, y * 14 + v0, 2) - 0.5;
    const wet = 1 - smooth(0, 0.05, below);
    materials.sand(0.62 + 0.24 * grains + 0.5 * ripples - 0.34 * wet, ink);
    return coverage;
  });
}

/** A path that winds from the lower edge to `horizon` and grows narrow on its way. */
export function drawPath(canvas: Canvas, random: Random, horizon: number, material: Ramp): void {
  const startX = random.between(0.3, 0.7), endX = random.between(0.3, 0.7);
  const bend = random.between(-0.25, 0.25), u0 = random.between(0, 60);
  canvas.paint(0, horizon, 1, 1, (x, y, ink) => {
    const near = nearnessOf(y, horizon), distance = distanceOf(near);
    const middle = mix(endX, startX, near) + bend * near * (1 - near) * 2;
    const coverage = canvas.cover(Math.abs(x - middle) - 0.008 - 0.11 * near * near);
    if (coverage === 0) return 0;
    const pebbles = noise((x - middle) * distance * 30 + u0, distance * 40) - 0.5;
    material(0.66 + 0.35 * pebbles, ink);
    return coverage;
  });
}
