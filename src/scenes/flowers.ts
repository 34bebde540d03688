import { blend, type Canvas, newInk, type Ramp } from "./canvas.ts";
import * as materials from "./materials.ts";
import { cosine, noise, radius, sine, smooth, turnsOf, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import type { Light } from "./sky.ts";

/** The kinds of flowers there are. */
type FlowerKind = "sunflower" | "poppy" | "daisy" | "tulip" | "cornflower";

/** All kinds of flowers. */
export const flowerKinds: readonly FlowerKind[] = [
  "sunflower",
  "poppy",
  "daisy",
  "tulip",
  "cornflower",
];

interface Wheel {
  petal: Ramp;
  heart: Ramp;
  petals: number;
  heartR: number; // of the flower's radius
  notch: number; // how deep the petals are parted, 0 to 1
  tone: number; // of the middle of a petal
}

const wheels: Record<Exclude<FlowerKind, "tulip">, Wheel> = {
  sunflower: {
    petal: materials.sunflower,
    heart: materials.sunflowerHeart,
    petals: 17,
    heartR: 0.46,
    notch: 0.34,
    tone: 0.66,
  },
  poppy: {
    petal: materials.poppy,
    heart: materials.poppyHeart,
    petals: 5,
    heartR: 0.2,
    notch: 0.16,
    tone: 0.5,
  },
  daisy: {
    petal: materials.daisy,
    heart: materials.daisyHeart,
    petals: 12,
    heartR: 0.3,
    notch: 0.42,
    tone: 0.8,
  },
  cornflower: {
    petal: materials.cornflower,
    heart: materials.cornflower,
    petals: 8,
    heartR: 0.26,
    notch: 0.6,
    tone: 0.5,
  },
};

/** A stalk from (x, y) of a flower down to the ground, with two leaves. */
export function drawStalk(
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  r: number,
  ground: number,
): void {
  const lean = random.between(-0.35, 0.35) * r;
  const tall = ground - y;
  if (tall <= 0) return;
  const width = Math.max(0.1 * r, 0.006);
  canvas.paint(x - 1.5 * r, y, x + 1.5 * r, ground, (px, py, ink) => {
    const down = (py - y) / tall;
    const middle = x + lean * down * down;
    const u = (px - middle) / width;
    materials.stalk(0.5 - 0.25 * u, ink);
    let distance = Math.abs(px - middle) - width;
    const side = px < middle ? 1 : -1;
    const lx = Math.abs(px - middle) / (0.9 * r),
      ly = (py - y) / r - (side > 0 ? 1.5 : 2.1) + lx * 0.9;
    const leaf = (Math.abs(ly) - 0.26 * lx * (1 - lx) * 4) * r;
    if (lx < 1 && leaf < distance) {
      distance = leaf;
      materials.stalk(0.6 - 0.5 * ly, ink);
    }
    return canvas.cover(distance);
  });
}

/** A flower of radius `r` whose middle is at (x, y). */
export function drawFlower(
  canvas: Canvas,
  random: Random,
  kind: FlowerKind,
  x: number,
  y: number,
  r: number,
  light: Light,
): void {
  if (kind === "tulip") drawTulip(canvas, x, y, r, light);
  else drawWheel(canvas, random, wheels[kind], x, y, r, light);
}

/** A flower seen from the front: petals around a heart. */
function drawWheel(
  canvas: Canvas,
  random: Random,
  { petal, heart, petals, heartR, notch, tone }: Wheel,
  x: number,
  y: number,
  r: number,
  light: Light,
): void {
  const over = newInk();
  const turned = random.next(), squash = random.between(0.86, 1);
  canvas.paint(x - r, y - r, x + r, y + r, (px, py, ink) => {
    const u = (px - x) / r, v = (py - y) / (r * squash);
    const away = radius(u, v);
    if (away > 1.1) return 0;
    const petalTurn = (turnsOf(u, v) + 1 + turned) * petals;
    const across = Math.abs(petalTurn - Math.floor(petalTurn) - 0.5) * 2; // 0 mid-petal, 1 between
    const rim = 1 - notch * across * across;
    const lit = (u * light.x + v * light.y) * 0.22;
    petal(tone + lit - 0.34 * smooth(0.45, 1, across) + 0.22 * (away - 0.6), ink);
    const inHeart = canvas.cover((away - heartR) * r);
    if (inHeart > 0) {
      const grain = noise(u * 9 + 20, v * 9 + 20) - 0.5;
      heart(0.45 + lit * 1.6 + 0.5 * grain - 0.2 * away, over);
      blend(ink, over, inHeart);
    }
    return canvas.cover((away - rim) * r);
  });
}

/** A tulip from the side: a cup of three petals. */
function drawTulip(canvas: Canvas, x: number, y: number, r: number, light: Light): void {
  canvas.paint(x - r, y - 1.2 * r, x + r, y + r, (px, py, ink) => {
    const u = (px - x) / (0.78 * r), v = (py - y) / r;
    // Three points above, a round cup below.
    const points = -1.05 + 0.5 * Math.abs(sine(u * 0.75 + 0.25));
    const bulge = 1 - 0.16 * unit(-v);
    const side = v > 0 ? radius(u, v) - 1 : Math.abs(u) - bulge;
    const distance = Math.max(side * 0.78, points - v) * r;
    const front = smooth(0.36, 0.5, Math.abs(u) + 0.18 * v);
    materials.tulip(0.6 + 0.3 * u * light.x - 0.22 * front - 0.18 * v, ink);
    return canvas.cover(distance);
  });
}

/** A leafy ground far out of focus behind flowers: soft dark green blots. */
export function drawFoliage(canvas: Canvas, random: Random): void {
  const u0 = random.between(0, 60), v0 = random.between(0, 60);
  const tilt = random.between(-0.1, 0.1);
  canvas.paint(0, 0, 1, 1, (x, y, ink) => {
    const blots = noise(x * 5 + u0, y * 4 + v0) + 0.5 * noise(x * 11 + v0, y * 7 + u0) - 0.75;
    const blades = noise(x * 24 + 3 * cosine(y * tilt), y * 3 + u0) - 0.5;
    materials.leaves(0.36 + 0.3 * blots + 0.2 * blades * y + 0.1 * (1 - y), ink);
    return 1;
  });
}
