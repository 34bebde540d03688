import type { Canvas } from "./canvas.ts";
import * as materials from "./materials.ts";
import { cosine, noise, radius, sine, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import type { Light } from "./sky.ts";

/** A broad-leaved tree standing at (x, y), `height` tall: a trunk and a crown of several lobes. */
export function drawTree(
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  height: number,
  light: Light,
): void {
  const crownR = height * random.between(0.28, 0.36);
  const crownY = y - height + crownR;
  const lobes = Array.from({ length: 7 }, (_, i) => {
    const turn = i / 6 + random.between(-0.04, 0.04);
    const away = i === 6 ? 0 : crownR * random.between(0.42, 0.6);
    return {
      x: x + away * cosine(turn) * 1.1,
      y: crownY + away * sine(turn),
      r: crownR * (i === 6 ? 0.72 : random.between(0.45, 0.6)),
    };
  });
  canvas.shadow(x - light.x * height * 0.25, y, height * 0.42, height * 0.07, 0.45);
  const trunkWidth = height * 0.045;
  canvas.paint(x - trunkWidth * 3, crownY, x + trunkWidth * 3, y, (px, py, ink) => {
    const flare = trunkWidth * (1 + 0.9 * unit((py - y) / (height * 0.12) + 1));
    const u = (px - x) / flare;
    materials.bark(0.45 + 0.4 * u * light.x + 0.4 * (noise(px * 90, py * 26) - 0.5), ink);
    return canvas.cover((Math.abs(u) - 1) * flare);
  });
  const u0 = random.between(0, 60), leafScale = 3.4 / crownR;
  const reach = crownR * 1.35;
  canvas.paint(x - reach, crownY - reach, x + reach, crownY + reach, (px, py, ink) => {
    let depth = -1, lobeTone = 0;
    for (const lobe of lobes) {
      const u = px - lobe.x, v = py - lobe.y;
      const inside = lobe.r - radius(u, v);
      if (inside > depth) {
        depth = inside;
        lobeTone = (u * light.x + v * light.y) / lobe.r;
      }
    }
    const leaf = noise(px * leafScale + u0, py * leafScale) - 0.5;
    const fine = noise(px * leafScale * 2.3, py * leafScale * 2.3 + u0) - 0.5;
    const coverage = canvas.cover(-depth - crownR * 0.16 * (leaf + 0.5 * fine));
    if (coverage === 0) return 0;
    const whole = ((px - x) * light.x + (py - crownY) * light.y) / crownR;
    materials.leaves(0.4 + 0.24 * whole + 0.16 * lobeTone + 0.42 * leaf + 0.3 * fine, ink);
    return coverage;
  });
}

/** A conifer standing at (x, y), `height` tall: tiers of drooping dark blue-green branches. */
export function drawConifer(
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  height: number,
  light: Light,
): void {
  const halfWidth = height * random.between(0.2, 0.26);
  const tiers = random.integer(4, 6), u0 = random.between(0, 60);
  canvas.shadow(x - light.x * height * 0.2, y, halfWidth * 1.3, height * 0.05, 0.45);
  canvas.paint(x - height * 0.03, y - height * 0.12, x + height * 0.03, y, (_x, _y, ink) => {
    materials.bark(0.35, ink);
    return 1;
  });
  canvas.paint(x - halfWidth, y - height, x + halfWidth, y - height * 0.08, (px, py, ink) => {
    const down = (py - (y - height)) / (height * 0.92);
    const tier = down * tiers, within = tier - Math.floor(tier);
    const width = halfWidth * (0.12 + 0.88 * down) * (0.62 + 0.38 * within);
    const ragged = noise(px * 26 / height + u0, py * 20 / height) - 0.5;
    const coverage = canvas.cover((Math.abs(px - x) - width - ragged * halfWidth * 0.22) * 0.8);
    if (coverage === 0) return 0;
    const side = (px - x) / halfWidth * light.x;
    materials.needles(0.42 + 0.5 * side + 0.3 * (within - 0.5) + 0.45 * ragged, ink);
    return coverage;
  });
}

/** A palm standing at (x, y), `height` tall, bent to `side` (-1 left, 1 right): rings, arching fronds. */
export function drawPalm(
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  height: number,
  side: number,
  light: Light,
): void {
  const lean = random.between(0.1, 0.26) * height * side;
  const topX = x + lean, topY = y - height * 0.74;
  canvas.shadow(x - light.x * height * 0.2, y, height * 0.2, height * 0.04, 0.4);
  canvas.paint(Math.min(x, topX) - 0.05, topY, Math.max(x, topX) + 0.05, y, (px, py, ink) => {
    const up = (y - py) / (y - topY);
    const width = height * (0.042 - 0.02 * up);
    const u = (px - x - lean * up * up) / width;
    materials.bark(0.52 + 0.4 * u * light.x + 0.16 * sine(up * 11), ink);
    return canvas.cover((Math.abs(u) - 1) * width);
  });
  const count = random.integer(7, 9);
  for (let i = 0; i < count; i++) {
    const at = (i + random.between(0.25, 0.75)) / count;
    const turn = -0.25 + (i % 2 === 0 ? 1 : -1) * (0.02 + 0.3 * at); // from upright to hanging
    drawFrond(canvas, topX, topY, height * random.between(0.36, 0.46), turn, light);
  }
}

/** One frond of a palm from (x, y): it sets out in the direction `turn` and bends down by its weight. */
function drawFrond(
  canvas: Canvas,
  x: number,
  y: number,
  length: number,
  turn: number,
  light: Light,
): void {
  const dx = cosine(turn) * length, dy = sine(turn) * length, sag = length * 0.55;
  const left = Math.min(x, x + dx), right = Math.max(x, x + dx);
  const top = Math.min(y, y + dy), bottom = Math.max(y, y + dy + sag);
  const margin = length * 0.2;
  canvas.paint(left - margin, top - margin, right + margin, bottom + margin, (px, py, ink) => {
    let best = 1, along = 0, below = 0;
    let fromX = x, fromY = y;
    for (let i = 1; i <= 6; i++) {
      const t = i / 6, toX = x + dx * t, toY = y + dy * t + sag * t * t;
      const ax = toX - fromX, ay = toY - fromY;
      const s = unit(((px - fromX) * ax + (py - fromY) * ay) / (ax * ax + ay * ay));
      const away = radius(px - fromX - ax * s, py - fromY - ay * s);
      if (away < best) {
        best = away;
        along = (i - 1 + s) / 6;
        below = py - fromY - ay * s;
      }
      fromX = toX;
      fromY = toY;
    }
    const leaflets = 0.72 + 0.28 * sine(along * 9);
    const width = length * 0.5 * along * (1.03 - along) * (below > 0 ? leaflets : 0.5 * leaflets);
    const tone = 0.56 - 0.34 * below / (length * 0.12) + 0.12 * sine(along * 9) +
      0.2 * dx / length * light.x;
    materials.palmLeaves(tone, ink);
    return canvas.cover(best - width);
  });
}

/** A bush at (x, y): a low round crown. */
export function drawBush(
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  width: number,
  light: Light,
): void {
  const u0 = random.between(0, 60), scale = 5 / width;
  canvas.shadow(x, y, width * 1.2, width * 0.2, 0.4);
  canvas.paint(x - width * 1.2, y - width * 1.2, x + width * 1.2, y, (px, py, ink) => {
    const u = (px - x) / width, v = (py - y) / (width * 0.9);
    const leaf = noise(px * scale + u0, py * scale) - 0.5;
    const fine = noise(px * scale * 2.2, py * scale * 2.2 + u0) - 0.5;
    const coverage = canvas.cover((radius(u, v) - 1 - 0.4 * leaf) * width);
    materials.leaves(
      0.4 + 0.25 * (u * light.x + (v + 0.5) * light.y) + 0.45 * leaf + 0.3 * fine,
      ink,
    );
    return coverage;
  });
}
