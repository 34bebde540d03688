import type { Canvas } from "./canvas.ts";
import * as materials from "./materials.ts";
import { mix, noise, radius, smooth, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import type { Light } from "./sky.ts";

/** A house standing at (x, y) (the middle of its foot), `width` wide: walls, tiled roof, windows, door. */
export function drawHouse(
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  width: number,
  light: Light,
): void {
  const wallHeight = width * random.between(0.42, 0.62);
  const roofHeight = width * random.between(0.3, 0.42);
  const left = x - width / 2, top = y - wallHeight;
  const u0 = random.between(0, 60);
  canvas.shadow(x - light.x * width * 0.3, y, width * 0.75, width * 0.09, 0.45);

  const chimneyX = x + width * random.between(0.12, 0.26) * (random.chance(0.5) ? 1 : -1);
  canvas.paint(
    chimneyX - width * 0.06,
    top - roofHeight * 1.1,
    chimneyX + width * 0.06,
    top - roofHeight * 0.3,
    (px, py, ink) => {
      const course = (py / width) * 22;
      const joint = smooth(0.3, 0.05, course - Math.floor(course));
      materials.brick(0.5 + 0.35 * joint + (px - chimneyX) / width * light.x * 3, ink);
      return 1;
    },
  );
  canvas.paint(left, top, left + width, y, (px, py, ink) => {
    const across = (px - x) / width;
    const rough = noise(px * 50 + u0, py * 50) - 0.5;
    const underEaves = smooth(0.1, 0, (py - top) / wallHeight);
    materials.plasterWall(0.64 + 0.34 * across * light.x + 0.12 * rough - 0.35 * underEaves, ink);
    return canvas.cover(Math.abs(px - x) - width / 2);
  });
  const overhang = width * 0.07, slope = width * random.between(0.12, 0.42);
  canvas.paint(left - overhang, top - roofHeight, left + width + overhang, top, (px, py, ink) => {
    const down = (py - (top - roofHeight)) / roofHeight; // 0 at the ridge, 1 at the eaves
    const half = width / 2 + overhang - slope * (1 - down);
    const tileRow = down * 6, row = Math.floor(tileRow);
    const tile = ((px - x) / width) * 15 + (row & 1) * 0.5;
    const scallop = Math.abs(tile - Math.floor(tile) - 0.5) * 0.5;
    const shade = 0.3 * (tileRow - row) - scallop * 0.5;
    materials.roofTiles(0.52 + shade + 0.25 * ((px - x) / width) * light.x - 0.1 * down, ink);
    return canvas.cover(Math.max((Math.abs(px - x) - half) * 0.85, -down * roofHeight));
  });
  const windows = width > 0.24 ? 3 : 2, doorAt = random.integer(0, windows - 1);
  for (let i = 0; i < windows; i++) {
    const middle = left + width * (i + 0.5) / windows;
    const half = width * (windows === 3 ? 0.085 : 0.11);
    if (i === doorAt) drawDoor(canvas, middle, y, half, wallHeight * 0.74);
    else drawWindow(canvas, middle, top + wallHeight * 0.42, half, wallHeight * 0.2);
  }
}

function drawDoor(canvas: Canvas, x: number, y: number, half: number, height: number): void {
  canvas.paint(x - half, y - height, x + half, y, (px, py, ink) => {
    const u = Math.abs(px - x) / half, v = (y - py) / height;
    const panel = Math.abs(u - 0.42) < 0.2 && Math.abs(v - 0.5) < 0.38 ? -0.16 : 0;
    materials.doorPaint(0.5 + panel + 0.1 * v, ink);
    return canvas.cover(Math.max((u - 1) * half, (v - 1) * height));
  });
}

function drawWindow(canvas: Canvas, x: number, y: number, half: number, halfHeight: number): void {
  canvas.paint(x - half, y - halfHeight, x + half, y + halfHeight, (px, py, ink) => {
    const u = (px - x) / half, v = (py - y) / halfHeight;
    const bar = Math.min(Math.abs(u), Math.abs(v), 1 - Math.abs(u), 1 - Math.abs(v) * 0.95);
    if (bar < 0.13) materials.whitePaint(0.72, ink);
    else materials.windowGlass(0.3 + 0.3 * smooth(-0.4, 0.5, u - v), ink);
    return 1;
  });
}

/** A lighthouse on its rock in the sea at (x, y), `height` tall: red and white bands, a lantern on top. */
export function drawLighthouse(
  canvas: Canvas,
  x: number,
  y: number,
  height: number,
  light: Light,
): void {
  canvas.paint(x - 0.14, y - 0.03, x + 0.14, y + 0.03, (px, py, ink) => {
    const u = (px - x) / 0.14, v = (py - y) / 0.03;
    materials.rock(0.42 + 0.3 * u * light.x - 0.15 * v, ink);
    return canvas.cover((radius(u, v) - 1) * 0.03);
  });
  canvas.paint(x - height * 0.14, y - height, x + height * 0.14, y, (px, py, ink) => {
    const up = (y - py) / height;
    const half = height * (up < 0.8 ? 0.1 - 0.045 * up : up < 0.84 ? 0.085 : 0.045);
    const u = (px - x) / half;
    const tone = 0.52 + 0.36 * u * light.x;
    const band = up * 5.6 - Math.floor(up * 5.6);
    if (up > 0.92) materials.redPaint(tone, ink);
    else if (up > 0.84) materials.sun(0.6, ink);
    else if (up > 0.8 || band < 0.5) materials.redPaint(tone, ink);
    else materials.whitePaint(tone + 0.2, ink);
    const roof = up > 0.92 ? (up - 0.92) / 0.08 * half * 1.4 - half * 0.4 : 0;
    return canvas.cover(Math.abs(px - x) - half + roof);
  });
}

/** A sailing boat on the water at (x, y), `size` long: white sails, a red hull. */
export function drawBoat(
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  size: number,
  light: Light,
): void {
  const way = random.chance(0.5) ? 1 : -1;
  canvas.shadow(x, y + size * 0.03, size * 0.6, size * 0.07, 0.4);
  canvas.paint(x - size * 0.6, y - size * 1.3, x + size * 0.6, y - size * 0.16, (px, py, ink) => {
    const up = (y - size * 0.2 - py) / (size * 1.08);
    if (up < 0 || up > 1) return 0;
    const u = (px - x) / size * way;
    const main = Math.max(-u + 0.03, u - 0.03 - 0.44 * (1 - up));
    const jib = Math.max(u + 0.02, -u - 0.02 - 0.34 * (1 - up * 1.2));
    const mast = Math.abs(u) - 0.014;
    materials.whitePaint(0.74 + 0.3 * unit(Math.abs(u)) * (u * way * light.x > 0 ? 1 : -1), ink);
    if (main > 0 && jib > 0) materials.bark(0.5, ink);
    return canvas.cover(Math.min(main, jib, mast) * size);
  });
  canvas.paint(x - size * 0.6, y - size * 0.17, x + size * 0.6, y + size * 0.06, (px, py, ink) => {
    const down = (py - (y - size * 0.17)) / (size * 0.21);
    const half = size * (0.52 - 0.16 * down * down);
    if (down < 0.24) materials.whitePaint(0.75, ink);
    else materials.redPaint(0.5 + 0.25 * ((px - x) / half) * light.x - 0.2 * down, ink);
    return canvas.cover(Math.max(Math.abs(px - x) - half, (down - 1) * size * 0.21));
  });
}

/** A parasol on the beach, its foot at (x, y): segments of red and white. */
export function drawParasol(
  canvas: Canvas,
  x: number,
  y: number,
  size: number,
  light: Light,
): void {
  const hubY = y - size * 0.72;
  canvas.shadow(x - light.x * size * 0.5, y, size * 0.5, size * 0.08, 0.42);
  canvas.paint(x - size * 0.02, hubY - size * 0.1, x + size * 0.02, y, (_x, _y, ink) => {
    materials.whitePaint(0.5, ink);
    return 1;
  });
  canvas.paint(
    x - size * 0.6,
    hubY - size * 0.45,
    x + size * 0.6,
    hubY + 0.1 * size,
    (px, py, ink) => {
      const u = (px - x) / (size * 0.58), v = (py - hubY) / (size * 0.4);
      const half = Math.sqrt(unit(1 - v * v));
      const segment = unit(u / (half + 0.001) * 0.5 + 0.5) * 7;
      const hem = 0.06 * Math.abs(segment - Math.floor(segment) - 0.5);
      const tone = 0.55 + 0.32 * u * light.x - 0.15 * v;
      const red = Math.floor(segment) % 2 === 0;
      if (red) materials.redPaint(tone, ink);
      else materials.whitePaint(tone + 0.2, ink);
      return canvas.cover(Math.max((u * u + v * v - 1) * 0.2, v + hem - 0.02) * size);
    },
  );
}

/** A white picket fence along y from one side to the other. */
export function drawFence(canvas: Canvas, y: number, height: number): void {
  canvas.paint(0, y - height, 1, y, (px, py, ink) => {
    const picket = px / (height * 0.34), within = Math.abs(picket - Math.floor(picket) - 0.5);
    const up = (y - py) / height;
    const pointed = unit((up - 0.84) / 0.16) * 0.3;
    const rail = Math.min(Math.abs(up - 0.3), Math.abs(up - 0.66)) - 0.06;
    materials.whitePaint(mix(0.72, 0.5, unit(within * 3)) + 0.1 * up, ink);
    return canvas.cover(Math.min((within - 0.3 + pointed) * 0.34, rail) * height);
  });
}
