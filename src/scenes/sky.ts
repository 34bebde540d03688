import { blend, type Canvas, type Ink, newInk, whiten } from "./canvas.ts";
import * as materials from "./materials.ts";
import { clouds, mix, radius, smooth, turnsOf, unit } from "./noise.ts";
import type { Random } from "./random.ts";

/** Where the light comes from, as a unit vector: x to the right, y down, z towards who looks. */
export interface Light {
  x: number;
  y: number;
  z: number;
  /** Whether the sun stands low, with a red sky and warm light. */
  evening: boolean;
}

/** A light from above, from the left or the right. */
export function chooseLight(random: Random, evening = false): Light {
  const x = random.between(0.35, 0.65) * (random.chance(0.5) ? 1 : -1);
  const y = -random.between(0.45, 0.65);
  return { x, y, z: Math.sqrt(Math.max(0, 1 - x * x - y * y)), evening };
}

/** How bright a round thing is at (u, v) of its unit disc, 0 to 1, with the light reflected from below. */
export function ballTone(u: number, v: number, light: Light): number {
  const w = Math.sqrt(Math.max(0, 1 - u * u - v * v));
  const facing = u * light.x + v * light.y + w * light.z;
  return 0.2 + 0.68 * Math.max(0, facing) + 0.1 * Math.max(0, v) * (1 - w);
}

/** How strong the highlight of a round shiny thing is at (u, v) of its unit disc, 0 to 1. */
export function ballShine(u: number, v: number, light: Light): number {
  const w = Math.sqrt(Math.max(0, 1 - u * u - v * v));
  const mirrored = 2 * w * (u * light.x + v * light.y + w * light.z) - light.z;
  const p2 = mirrored <= 0 ? 0 : mirrored * mirrored, p8 = p2 * p2 * p2 * p2;
  return p8 * p8 * p2;
}

/** Sky down to the horizon at `horizon` (0 top, 1 bottom), with clouds and, where it is in sight, the sun. */
export function drawSky(canvas: Canvas, random: Random, light: Light, horizon: number): void {
  const offsetX = random.between(0, 50), offsetY = random.between(0, 50);
  const cover = light.evening ? random.between(0.5, 0.62) : random.between(0.46, 0.66);
  const scale = random.between(2.2, 3.4);
  const sunX = light.x > 0 ? random.between(0.6, 0.9) : random.between(0.1, 0.4);
  const sunY = light.evening ? horizon - random.between(0.04, 0.1) : random.between(0.06, 0.16);
  const sunRadius = light.evening ? random.between(0.06, 0.085) : 0.05;
  const sunInSight = light.evening || random.chance(0.4);
  const sky = light.evening ? materials.skyEvening : materials.skyDay;
  const cloud = light.evening ? materials.cloudEvening : materials.cloudDay;
  const over = newInk();

  canvas.paint(0, 0, 1, horizon + 0.02, (x, y, ink) => {
    const height = unit(y / horizon);
    const away = radius(x - sunX, y - sunY);
    const glow = sunInSight ? unit(1 - away / (light.evening ? 0.55 : 0.3)) : 0;
    if (light.evening) sky(0.08 + 0.72 * height + 0.25 * glow * glow, ink);
    else sky(0.12 + 0.68 * height * height + 0.12 * height, ink);
    if (sunInSight) {
      materials.sun(light.evening ? 1 : 0.5, over);
      const halo = canvas.cover(away - sunRadius) +
        (light.evening ? 0.6 : 0.35) * glow * glow * glow;
      blend(ink, over, unit(halo));
    }
    // Clouds flatten towards the horizon, as seen from below.
    const u = x * scale + offsetX, v = y * scale * (1.3 + 2.2 * height) + offsetY;
    const puff = clouds(u, v, 4);
    const amount = smooth(cover, cover + 0.13, puff) * (1 - 0.75 * height * height);
    if (amount > 0) {
      // Lit from where the sun is: less cloud towards the light means more light.
      const lit = puff - clouds(u + light.x * 0.22, v + light.y * 0.22, 3);
      cloud(unit(0.62 + 2.2 * lit), over);
      blend(ink, over, amount);
    }
    return 1;
  });
  if (light.evening) Object.assign(canvas.light, { r: 0.86, g: 0.68, b: 0.66 });
}

/** A hot-air balloon: gores that go from dark red to yellow, and a basket. */
export function drawBalloon(canvas: Canvas, x: number, y: number, r: number, light: Light): void {
  const bottom = y + 1.75 * r;
  canvas.paint(x - r, y - r, x + r, bottom, (px, py, ink) => {
    const u = (px - x) / r, v = (py - y) / r;
    const width = v < 0.35 ? 1 : mix(0.937, 0.22, smooth(0.1, 1.3, v));
    const inside = v < 0.35 ? radius(u, v) - 1 : Math.max(Math.abs(u) - width, v - 1.3);
    const half = Math.sqrt(Math.max(0.02, 1 - unit(v) * unit(v) * 0.9 - (v < 0 ? v * v : 0)));
    const gore = 0.5 +
      0.5 * turnsOf(Math.sqrt(Math.max(0, 1 - u * u / (half * half))), u / half) * 4;
    const stripe = smooth(0.42, 0.58, Math.abs((gore * 3.5) % 1 - 0.5) * 2);
    materials.balloon(0.22 + 0.5 * stripe + 0.28 * (ballTone(u * 0.9, v * 0.7, light) - 0.5), ink);
    return canvas.cover(inside * r);
  });
  canvas.paint(x - 0.3 * r, y + 1.3 * r, x + 0.3 * r, bottom, (px, py, ink) => {
    const u = Math.abs(px - x) / r, v = (py - y) / r;
    materials.basket(0.3 + 0.5 * unit((px - x) / r * light.x * 4 + 0.5), ink);
    const box = Math.max(u - 0.16, Math.abs(v - 1.58) - 0.12);
    const rope = Math.max(Math.abs(u - 0.17) - 0.02, Math.abs(v - 1.4) - 0.12);
    return canvas.cover(Math.min(box, rope) * r);
  });
}

/** Lets a colour fade into the haze between it and who looks; `amount` 0 to 1. */
export function haze(ink: Ink, amount: number): void {
  whiten(ink, amount * 0.4);
}
