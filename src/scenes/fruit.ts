import { blend, type Canvas, newInk, whiten } from "./canvas.ts";
import * as materials from "./materials.ts";
import { cosine, noise, radius, sine, smooth, unit } from "./noise.ts";
import type { Random } from "./random.ts";
import { ballShine, ballTone, type Light } from "./sky.ts";

/** The kinds of fruit there are. */
export type FruitKind =
  | "apple"
  | "orange"
  | "lemon"
  | "banana"
  | "plum"
  | "pear"
  | "strawberry"
  | "melon"
  | "grapes";

/** Draws a fruit standing on the table at (x, y), its radius about `r`. */
type DrawFruit = (
  canvas: Canvas,
  random: Random,
  x: number,
  y: number,
  r: number,
  light: Light,
) => void;

const apple: DrawFruit = (canvas, random, x, y, r, light) => {
  const cy = y - r * 0.92, lean = random.between(-0.25, 0.25);
  canvas.paint(x - 1.1 * r, cy - 1.1 * r, x + 1.1 * r, y, (px, py, ink) => {
    const u = (px - x) / (r * 1.03), v = (py - cy) / (r * 0.95);
    // A heart-like top with a dimple, narrower below.
    const dimple = v < 0 ? 0.2 * smooth(0.5, 0, Math.abs(u)) : 0;
    const shape = radius(u * (1 + 0.12 * unit(v)), v) + dimple;
    const streaks = 0.1 * (noise(u * 9 + 31, v * 2 + 7) - 0.5);
    const hollow = 0.45 * smooth(0.34, 0, radius(u, (v + 0.72) * 1.8));
    materials.apple(ballTone(u, v, light) * 0.92 + streaks - hollow, ink);
    whiten(ink, 0.75 * ballShine(u, v, light));
    return canvas.cover((shape - 1) * r);
  });
  drawStem(canvas, x, cy - r * 0.72, r * 0.5, lean);
  drawLeaf(canvas, x + lean * r * 0.4, cy - r * 0.98, r * 0.55, light.x < 0 ? 1 : -1);
};

const orange: DrawFruit = (canvas, random, x, y, r, light) => {
  const cy = y - r * 0.97, u0 = random.between(0, 60);
  const eyeX = random.between(-0.3, 0.3), eyeY = random.between(-0.75, -0.5);
  canvas.paint(x - r, cy - r, x + r, y + 0.1 * r, (px, py, ink) => {
    const u = (px - x) / r, v = (py - cy) / r;
    const pores = noise(u * 13 + u0, v * 13 + u0) - 0.5;
    const eye = 0.5 * smooth(0.13, 0.05, radius(u - eyeX, v - eyeY));
    materials.orange(0.06 + ballTone(u, v, light) * 0.86 + 0.16 * pores - eye, ink);
    whiten(ink, 0.4 * ballShine(u, v, light) * (0.7 + pores));
    return canvas.cover((radius(u, v) - 1) * r);
  });
};

const lemon: DrawFruit = (canvas, random, x, y, r, light) => {
  const cy = y - r * 0.72, turn = random.between(-0.06, 0.06), u0 = random.between(0, 60);
  const c = cosine(turn), s = sine(turn);
  canvas.paint(x - 1.5 * r, cy - 1.1 * r, x + 1.5 * r, y + 0.4 * r, (px, py, ink) => {
    const dx = (px - x) / r, dy = (py - cy) / r;
    const u = (dx * c + dy * s) / 1.05, v = (dy * c - dx * s) / 0.76;
    const tip = 0.24 * smooth(0.3, 0.05, Math.abs(v)); // the points at both ends
    const pores = noise(u * 11 + u0, v * 9 + u0) - 0.5;
    materials.lemon(0.16 + ballTone(u * 0.88, v * 0.95, light) * 0.82 + 0.1 * pores, ink);
    whiten(ink, 0.5 * ballShine(u, v, light));
    return canvas.cover((radius(u * (1 - tip), v) - 1) * r * 0.8);
  });
};

const banana: DrawFruit = (canvas, random, x, y, r, light) => {
  const flip = random.chance(0.5) ? 1 : -1, over = newInk();
  canvas.paint(x - 1.6 * r, y - 1.5 * r, x + 1.6 * r, y + 0.1 * r, (px, py, ink) => {
    const u = (px - x) / (1.45 * r) * flip;
    const along = unit((u + 1) / 2);
    const spine = 0.62 * u * u - 0.36 * r + 0.06 * u; // a bow, its ends up
    const thick = 0.3 * Math.sqrt(unit(1 - u * u * u * u)) * (0.72 + 0.28 * sine(along / 2)) + 0.02;
    const v = ((y - py) / r - 0.3 - spine) / thick; // -1 below, 1 above
    const edge = 0.16 * smooth(0.12, 0, Math.abs(v - 0.25)) +
      0.12 * smooth(0.1, 0, Math.abs(v + 0.45));
    const lit = 0.62 + 0.3 * v + 0.18 * u * flip * light.x;
    materials.banana(lit - edge, ink);
    const end = Math.max(smooth(0.88, 0.97, Math.abs(u)), 0);
    materials.bananaTip(0, over);
    blend(ink, over, end);
    return canvas.cover((Math.abs(v) - 1) * thick * r * 0.8);
  });
};

const plum: DrawFruit = (canvas, random, x, y, r0, light) => {
  const r = r0 * 0.78, cy = y - r * 0.95, crease = random.between(-0.3, 0.3);
  const u0 = random.between(0, 60);
  canvas.paint(x - r, cy - 1.1 * r, x + r, y + 0.1 * r, (px, py, ink) => {
    const u = (px - x) / r, v = (py - cy) / (r * 1.04);
    const line = 0.2 * smooth(0.1, 0, Math.abs(u - crease * (1 - v * v) - 0.08));
    const bloom = 0.24 * (noise(u * 3 + u0, v * 3 + u0) - 0.35);
    materials.plum(ballTone(u, v, light) * 0.8 - line + bloom, ink);
    whiten(ink, 0.35 * ballShine(u, v, light));
    return canvas.cover((radius(u, v) - 1) * r);
  });
  drawStem(canvas, x + crease * r * 0.3, cy - r * 0.9, r * 0.35, crease);
};

const pear: DrawFruit = (canvas, random, x, y, r, light) => {
  const lean = random.between(-0.12, 0.12), u0 = random.between(0, 60);
  canvas.paint(x - 1.2 * r, y - 2.3 * r, x + 1.2 * r, y, (px, py, ink) => {
    const up = (y - py) / (2.2 * r); // 0 on the table, 1 at the top
    if (up < 0 || up > 1) return 0;
    const belly = up < 0.38 ? Math.sqrt(unit(1 - (up - 0.38) * (up - 0.38) / 0.1444)) : 1;
    const neck = up > 0.38 ? 1 - 0.62 * smooth(0.38, 0.8, up) : 1;
    const top = up > 0.8 ? Math.sqrt(unit(1 - (up - 0.8) * (up - 0.8) / 0.04)) : 1;
    const width = 0.92 * r * belly * neck * top;
    const u = (px - x - lean * r * up) / (width + 0.0001);
    const v = up < 0.38 ? (0.38 - up) / 0.38 : -(up - 0.38) / 0.62 * 0.6;
    const specks = 0.16 * (noise(px / r * 16 + u0, py / r * 16) - 0.5);
    materials.pear(0.06 + 0.84 * ballTone(u * 0.96, v * 0.9, light) + specks, ink);
    whiten(ink, 0.45 * ballShine(u, v, light));
    return canvas.cover((Math.abs(u) - 1) * width);
  });
  drawStem(canvas, x + lean * r, y - 2.14 * r, r * 0.4, lean * 2);
};

const strawberry: DrawFruit = (canvas, random, x, y, r0, light) => {
  const r = r0 * 0.72, top = y - 1.75 * r, u0 = random.between(0, 1);
  const over = newInk();
  canvas.paint(x - r, top - 0.35 * r, x + r, y, (px, py, ink) => {
    const u = (px - x) / r, down = (py - top) / (1.75 * r);
    const width = down < 0.3
      ? Math.sqrt(unit(1 - (0.3 - down) * (0.3 - down) / 0.09))
      : Math.sqrt(unit(1 - (down - 0.3) / 0.7)) * (1 - 0.1 * down);
    const row = Math.floor(down * 7), seedX = u * 3.2 + row * 0.5 + u0;
    const seed = smooth(0.3, 0.12, radius(seedX - Math.floor(seedX) - 0.5, down * 7 - row - 0.5));
    materials.strawberry(ballTone(u, down * 1.5 - 0.75, light), ink);
    whiten(ink, 0.5 * ballShine(u, down * 1.5 - 0.75, light));
    materials.seed(0.5, over);
    blend(ink, over, seed * 0.7);
    return down < 0 || down > 1 ? 0 : canvas.cover((Math.abs(u) - width) * r * 0.85);
  });
  for (const side of [-1, 1, -0.4, 0.4]) drawLeaf(canvas, x, top + 0.1 * r, r * 0.75, side);
};

const melon: DrawFruit = (canvas, random, x, y, r0, light) => {
  const r = r0 * 1.35, cy = y - r, over = newInk();
  const u0 = random.between(0, 1);
  canvas.paint(x - r, cy, x + r, y, (px, py, ink) => {
    const u = (px - x) / r, v = (py - cy) / r, away = radius(u, v);
    materials.melonRind(away > 0.93 ? 0.28 : 0.9, ink);
    const inside = canvas.cover((away - 0.85) * r);
    const grain = noise(u * 12 + 40, v * 12 + 40) - 0.5;
    materials.melonFlesh(0.62 + 0.2 * u * light.x - 0.3 * away + 0.2 * grain, over);
    blend(ink, over, inside);
    const row = Math.floor(v * 5), sx = u * 4 + (row & 1) * 0.5 + u0;
    const pip = smooth(0.24, 0.12, radius((sx - Math.floor(sx) - 0.5) * 1.4, v * 5 - row - 0.5));
    if (away < 0.72 && v > 0.12) {
      materials.pip(0, over);
      blend(ink, over, pip);
    }
    return canvas.cover(Math.max(away - 1, -v) * r);
  });
};

const grapes: DrawFruit = (canvas, random, x, y, r, light) => {
  const berry = r * 0.3;
  for (let row = 0; row < 4; row++) {
    const count = 4 - Math.abs(row - 1);
    for (let i = 0; i < count; i++) {
      const bx = x + (i - (count - 1) / 2) * berry * 1.6 + random.between(-0.1, 0.1) * berry;
      const by = y - berry - (3 - row) * berry * 1.35;
      canvas.paint(bx - berry, by - berry, bx + berry, by + berry, (px, py, ink) => {
        const u = (px - bx) / berry, v = (py - by) / berry;
        materials.grape(ballTone(u, v, light) * 0.85, ink);
        whiten(ink, 0.6 * ballShine(u, v, light));
        return canvas.cover((radius(u, v) - 1) * berry);
      });
    }
  }
  drawStem(canvas, x, y - berry * 5.9, r * 0.45, 0.2);
};

/** Every kind of fruit and how it is drawn. */
export const fruits: Readonly<Record<FruitKind, DrawFruit>> = {
  apple,
  orange,
  lemon,
  banana,
  plum,
  pear,
  strawberry,
  melon,
  grapes,
};

function drawStem(canvas: Canvas, x: number, y: number, height: number, lean: number): void {
  const width = Math.max(height * 0.13, 0.6 / canvas.size);
  canvas.paint(x - height, y - height, x + height, y, (px, py, ink) => {
    const up = (y - py) / height;
    materials.fruitStem(0.35 + 0.4 * up, ink);
    return canvas.cover(Math.abs(px - x - lean * height * up * up) - width);
  });
}

/** A pointed leaf that starts at (x, y) and reaches `length` to one side (-1 left, 1 right). */
function drawLeaf(canvas: Canvas, x: number, y: number, length: number, side: number): void {
  const reach = length * side;
  canvas.paint(x - length, y - length, x + length, y + length, (px, py, ink) => {
    const t = (px - x) / reach;
    if (t < 0 || t > 1) return 0;
    const off = py - y + length * 0.22 * sine(t / 2);
    materials.fruitLeaf(
      0.55 - off / length * 1.6 - 0.25 * smooth(0.05, 0, Math.abs(off) / length),
      ink,
    );
    return canvas.cover(Math.abs(off) - length * 0.3 * sine(t / 2));
  });
}
