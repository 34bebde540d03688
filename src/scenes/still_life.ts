import { blend, type Canvas, newInk, whiten } from "./canvas.ts";
import { type FruitKind, fruits } from "./fruit.ts";
import * as materials from "./materials.ts";
import { clouds, noise, radius, smooth, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import { chooseLight, type Light } from "./sky.ts";

const kinds = Object.keys(fruits) as FruitKind[];

/** A wall in the shade, lit from the window's side. */
function drawRoomWall(canvas: Canvas, random: Random, light: Light, edge: number): void {
  const u0 = random.between(0, 60);
  canvas.paint(0, 0, 1, edge + 0.02, (x, y, ink) => {
    const lit = unit(0.5 + (x - 0.5) * light.x - (y - 0.25) * 0.5);
    const plaster = clouds(x * 7 + u0, y * 7 + u0, 3) - 0.5;
    materials.roomWall(0.28 + 0.5 * lit + 0.24 * plaster, ink);
    return 1;
  });
}

/** A table top of boards with grain; they run towards who looks. */
function drawTable(canvas: Canvas, random: Random, edge: number): void {
  const u0 = random.between(0, 60), boards = random.between(3, 5);
  canvas.paint(0, edge, 1, 1, (x, y, ink) => {
    const near = (y - edge) / (1 - edge);
    const across = (x - 0.5) / (0.65 + 0.5 * near) * boards + 40.5;
    const board = Math.floor(across), within = across - board;
    const grain = noise(
      across * 9 + clouds(x * 3, y * 4 + board * 7, 2) * 3,
      near * 2 + u0 + board * 5,
    );
    const own = noise(board * 7.3 + u0, 3) - 0.5;
    const joint = smooth(0.035, 0.01, Math.min(within, 1 - within));
    const lip = smooth(0.045, 0.02, near);
    materials.tableWood(0.5 + 0.36 * (grain - 0.5) + 0.3 * own - 0.4 * joint + 0.3 * lip, ink);
    return canvas.cover(edge - y);
  });
}

/** A bowl of blue glaze with a white band, its foot at (x, y). */
function drawBowl(canvas: Canvas, x: number, y: number, r: number, light: Light): void {
  const over = newInk();
  canvas.shadow(x - light.x * r * 0.4, y, r * 1.2, r * 0.22, 0.55);
  canvas.paint(x - r, y - r * 0.85, x + r, y, (px, py, ink) => {
    const u = (px - x) / r, down = (py - (y - r * 0.8)) / (r * 0.8);
    const half = Math.sqrt(unit(1 - down * down * 0.82));
    const tone = 0.42 + 0.4 * (u / (half + 0.01)) * light.x - 0.2 * down;
    const band = smooth(0.05, 0.03, Math.abs(down - 0.24));
    materials.ceramic(tone, ink);
    if (band > 0) {
      materials.whitePaint(tone + 0.25, over);
      blend(ink, over, band);
    }
    const shine = smooth(0.2, 0.05, radius((u - light.x * 0.55) * 1.3, down - 0.35));
    whiten(ink, shine * 0.6);
    return canvas.cover(Math.max((Math.abs(u) - half) * 0.8, -down * 0.8) * r);
  });
}

/** Fruit on a wooden table before a wall, some of it in a bowl. */
export function drawStillLife(canvas: Canvas, random: Random): void {
  const light = chooseLight(random);
  const edge = random.between(0.42, 0.58);
  drawRoomWall(canvas, random, light, edge);
  drawTable(canvas, random, edge);
  const place = (kind: FruitKind, x: number, y: number, r: number) => {
    canvas.shadow(x - light.x * r * 0.5, y - r * 0.02, r * 1.35, r * 0.3, 0.55);
    fruits[kind](canvas, random, x, y, r, light);
  };
  let bowlX = -1;
  if (random.chance(0.45)) {
    bowlX = random.between(0.3, 0.7);
    const y = edge + random.between(0.14, 0.2), r = random.between(0.2, 0.26);
    const rim = y - r * 0.66;
    for (const at of [-0.55, 0.5, -0.05]) {
      const kind = random.pick(["apple", "orange", "lemon", "plum", "pear"] as const);
      fruits[kind](
        canvas,
        random,
        bowlX + at * r,
        rim + (at === -0.05 ? 0.04 : 0) * r,
        r * 0.42,
        light,
      );
    }
    drawBowl(canvas, bowlX, y, r, light);
  }
  const count = random.integer(bowlX < 0 ? 4 : 2, bowlX < 0 ? 7 : 4);
  const items = Array.from({ length: count }, (_, i) => {
    const x = 0.1 + 0.8 * (i + random.between(0.2, 0.8)) / count;
    return { x, y: random.between(Math.max(edge + 0.14, bowlX < 0 ? 0 : edge + 0.26), 0.97) };
  }).sort((a, b) => a.y - b.y);
  for (const { x, y } of items) {
    place(
      random.pick(kinds),
      x,
      y,
      (0.075 + 0.07 * unit((y - edge) / 0.5)) * random.between(0.9, 1.15),
    );
  }
}
