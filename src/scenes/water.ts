import type { Canvas } from "./canvas.ts";
import type { Crest } from "./crest.ts";
import * as materials from "./materials.ts";
import { clouds, noise, smooth, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import type { Light } from "./sky.ts";

/**
 * Open water from the horizon to the shore: waves that grow on their way, light green shallows, foam
 * along the beach and, in the evening, the sun's lane.
 */
export function drawSea(
  canvas: Canvas,
  random: Random,
  horizon: number,
  shore: Crest,
  light: Light,
): void {
  const u0 = random.between(0, 60), v0 = random.between(0, 60);
  const laneX = 0.5 + 0.4 * light.x;
  canvas.paint(0, horizon, 1, Math.min(1, shore.bottom + 0.02), (x, y, ink) => {
    const down = y - horizon;
    const distance = 1 / (down / (1 - horizon) + 0.1);
    const u = (x - 0.5) * distance * 1.8 + u0, v = distance * 7 + v0;
    const swell = clouds(u, v, 3) - 0.5;
    const toShore = shore.at(x) - y;
    const shallow = unit(1 - toShore / 0.28);
    let tone = 0.3 + 0.85 * swell + 0.36 * shallow * shallow;
    const ripple = noise(x * 26 + u0, distance * 26 + v0);
    tone += 0.16 * (ripple - 0.5) + 0.4 * smooth(0.7, 0.9, ripple) * smooth(0.05, 0.3, down);
    const foam = unit(1 - Math.abs(toShore - 0.02 - 0.05 * swell) / 0.022);
    tone += foam * (0.5 + ripple);
    if (light.evening) {
      const lane = unit(1 - Math.abs(x - laneX) / (0.1 + 0.2 * down));
      tone += 0.9 * lane * smooth(0.4, 0.7, ripple);
    }
    materials.seaWater(tone, ink);
    return canvas.cover(-down);
  });
}

/** A lake between two lines, calm: level streaks of light. */
export function drawLake(canvas: Canvas, random: Random, top: Crest, bottom: Crest): void {
  const u0 = random.between(0, 60), v0 = random.between(0, 60);
  canvas.paint(0, top.top - 0.02, 1, bottom.bottom + 0.02, (x, y, ink) => {
    const coverage = canvas.cover(Math.max(top.at(x) - y, y - bottom.at(x)));
    if (coverage === 0) return 0;
    const streaks = clouds(x * 3 + u0, y * 34 + v0, 2) - 0.5;
    materials.lakeWater(0.4 + 0.7 * streaks + 0.3 * unit((y - top.at(x)) * 4), ink);
    return coverage;
  });
}
