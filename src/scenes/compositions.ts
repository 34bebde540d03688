import { drawBoat, drawFence, drawHouse, drawLighthouse, drawParasol } from "./buildings.ts";
import type { Canvas } from "./canvas.ts";
import { drawFlower, drawFoliage, drawStalk, flowerKinds } from "./flowers.ts";
import { softCrest } from "./crest.ts";
import { drawFarHills, drawField, drawGrass, drawNearHills, drawPath, drawSand } from "./land.ts";
import * as materials from "./materials.ts";
import { drawMountains } from "./mountains.ts";
import { drawBush, drawConifer, drawPalm, drawTree } from "./plants.ts";
import type { Random } from "./random.ts";
import { chooseLight, drawBalloon, drawSky } from "./sky.ts";
import { drawStillLife } from "./still_life.ts";
import { drawLake, drawSea } from "./water.ts";

/** Paints one whole scene. */
type Composition = (canvas: Canvas, random: Random) => void;

/** Positions across the picture, each in a strip of its own, so that things rarely hide each other. */
function spread(random: Random, count: number, from = 0.06, to = 0.94): number[] {
  const step = (to - from) / count;
  return Array.from({ length: count }, (_, i) => from + step * (i + random.between(0.1, 0.9)));
}

/** Meadow or field under a wide sky, with hills, trees and, at times, a balloon. */
const countryside: Composition = (canvas, random) => {
  const light = chooseLight(random, random.chance(0.18));
  const horizon = random.between(0.45, 0.6);
  drawSky(canvas, random, light, horizon);
  drawFarHills(canvas, random, horizon, light);
  if (random.chance(0.7)) {
    drawNearHills(canvas, random, horizon, light);
  }
  if (!light.evening && random.chance(0.4)) {
    const r = random.between(0.06, 0.11);
    drawBalloon(canvas, random.between(0.15, 0.85), random.between(0.12, 0.24), r, light);
  }
  const kind = random.pick(["grass", "grass", "wheat", "lavender"] as const);
  if (kind === "grass") drawGrass(canvas, random, horizon);
  else drawField(canvas, random, horizon, kind);
  if (kind === "grass" && random.chance(0.5)) drawPath(canvas, random, horizon, materials.path);
  const trees = spread(random, random.integer(1, 4))
    .map((x) => ({ x, y: horizon + random.between(0.01, kind === "grass" ? 0.22 : 0.05) }))
    .sort((a, b) => a.y - b.y);
  for (const { x, y } of trees) {
    drawTree(canvas, random, x, y, 0.2 + (y - horizon) * 1.5 + random.between(0, 0.08), light);
  }
  if (kind !== "grass") return;
  const flower = random.pick(["poppy", "daisy", "cornflower"] as const);
  for (const x of spread(random, random.integer(0, 14), -0.02, 1.02)) {
    const y = random.between(horizon + 0.2, 0.98);
    drawFlower(canvas, random, flower, x, y, 0.012 + 0.028 * (y - horizon), light);
  }
};

/** Sea, beach and sky; boats, a lighthouse, palms, a parasol. */
const seaside: Composition = (canvas, random) => {
  const light = chooseLight(random, random.chance(0.3));
  const horizon = random.between(0.34, 0.48);
  drawSky(canvas, random, light, horizon);
  if (random.chance(0.35)) {
    drawFarHills(canvas, random, horizon, light);
  }
  const beach = random.chance(0.8);
  const shore = softCrest(canvas, random, beach ? random.between(0.7, 0.82) : 1.3, 0.07, 1.6);
  drawSea(canvas, random, horizon, shore, light);
  const side = random.chance(0.5) ? 1 : -1; // the palm's; the lighthouse stands on the other one
  if (random.chance(0.35)) {
    drawLighthouse(
      canvas,
      0.5 - side * random.between(0.26, 0.4),
      horizon,
      random.between(0.24, 0.32),
      light,
    );
  }
  const boats = spread(random, random.integer(0, 3)).map((x) => ({
    x,
    y: random.between(horizon + 0.03, beach ? 0.6 : 0.85),
  })).sort((a, b) => a.y - b.y);
  for (const { x, y } of boats) {
    drawBoat(canvas, random, x, y, 0.06 + (y - horizon) * 0.7, light);
  }
  if (!beach) return;
  drawSand(canvas, random, shore);
  if (random.chance(0.45)) {
    drawParasol(
      canvas,
      random.between(0.2, 0.8),
      random.between(0.88, 0.97),
      random.between(0.28, 0.4),
      light,
    );
  }
  if (random.chance(0.55)) {
    const x = 0.5 + side * random.between(0.3, 0.42);
    drawPalm(
      canvas,
      random,
      x,
      random.between(0.88, 0.97),
      random.between(0.6, 0.78),
      -side,
      light,
    );
  }
};

/** Snowy mountains above conifers, a lake or a meadow. */
const mountains: Composition = (canvas, random) => {
  const light = chooseLight(random, random.chance(0.12));
  const horizon = random.between(0.56, 0.66);
  drawSky(canvas, random, light, horizon);
  drawMountains(canvas, random, random.between(0.14, 0.28), horizon + 0.01, light);
  drawNearHills(canvas, random, horizon, light);
  drawGrass(canvas, random, horizon);
  if (random.chance(0.55)) {
    const bottom = random.between(0.76, 0.86);
    drawLake(
      canvas,
      random,
      softCrest(canvas, random, horizon + 0.01, 0.01, 3),
      softCrest(canvas, random, bottom, 0.05, 2),
    );
  }
  const trees = spread(random, random.integer(4, 9), -0.02, 1.02)
    .map((x) => ({ x, y: random.chance(0.5) ? horizon + 0.02 : random.between(0.84, 1.02) }))
    .sort((a, b) => a.y - b.y);
  for (const { x, y } of trees) {
    drawConifer(canvas, random, x, y, 0.14 + (y - horizon) * 0.75 + random.between(0, 0.06), light);
  }
};

/** Houses with gardens. */
const village: Composition = (canvas, random) => {
  const light = chooseLight(random, random.chance(0.12));
  const horizon = random.between(0.52, 0.62);
  drawSky(canvas, random, light, horizon);
  drawFarHills(canvas, random, horizon, light);
  drawNearHills(canvas, random, horizon, light);
  drawGrass(canvas, random, horizon);
  if (random.chance(0.6)) drawPath(canvas, random, horizon + 0.1, materials.path);
  for (const x of spread(random, random.integer(1, 3))) {
    drawTree(
      canvas,
      random,
      x,
      horizon + random.between(0.02, 0.08),
      random.between(0.24, 0.36),
      light,
    );
  }
  const count = random.integer(1, 3);
  const houses = spread(random, count, 0.1, 0.9)
    .map((x) => ({ x, y: random.between(horizon + 0.12, horizon + 0.24) }))
    .sort((a, b) => a.y - b.y);
  for (const { x, y } of houses) {
    const width = (count === 1 ? 0.42 : count === 2 ? 0.34 : 0.26) * random.between(0.9, 1.15);
    drawHouse(canvas, random, x, y, width, light);
  }
  for (const x of spread(random, random.integer(0, 4))) {
    drawBush(
      canvas,
      random,
      x,
      random.between(horizon + 0.26, 0.96),
      random.between(0.05, 0.09),
      light,
    );
  }
  if (random.chance(0.35)) drawFence(canvas, random.between(0.93, 1), random.between(0.1, 0.14));
  const flower = random.pick(["tulip", "daisy", "poppy"] as const);
  for (const x of spread(random, random.integer(0, 9), -0.02, 1.02)) {
    const y = random.between(0.88, 0.98), r = random.between(0.022, 0.034);
    drawStalk(canvas, random, x, y, r, y + 0.07);
    drawFlower(canvas, random, flower, x, y, r, light);
  }
};

/** Flowers from near, in front of dark leaves or under the sky. */
const garden: Composition = (canvas, random) => {
  const light = chooseLight(random);
  if (random.chance(0.45)) {
    const horizon = random.between(0.5, 0.7);
    drawSky(canvas, random, light, horizon);
    drawFarHills(canvas, random, horizon, light);
    drawGrass(canvas, random, horizon);
  } else drawFoliage(canvas, random);
  const kinds = [random.pick(flowerKinds), random.pick(flowerKinds)];
  const flowers = spread(random, random.integer(4, 8), 0, 1).map((x) => ({
    x,
    y: random.between(0.18, 0.8),
    kind: random.pick(kinds),
  })).sort((a, b) => a.y - b.y);
  for (const { x, y, kind } of flowers) {
    const r = (kind === "sunflower" ? 0.12 : kind === "tulip" ? 0.085 : 0.08) * (0.7 + 0.6 * y);
    drawStalk(canvas, random, x, y, r, 1.02);
    drawFlower(canvas, random, kind, x, y, r, light);
  }
};

/** All kinds of scenes, each as likely as it stands here often. */
export const compositions: readonly Composition[] = [
  countryside,
  countryside,
  seaside,
  seaside,
  mountains,
  village,
  village,
  garden,
  drawStillLife,
  drawStillLife,
];
