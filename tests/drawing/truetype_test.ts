import assert from "assert";
import { readFile } from "node:fs/promises";
import { TrueTypeFont } from "../../src/drawing/truetype.ts";

const file = new URL(
  import.meta.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
);

/** Twice the area that closed outlines enclose, by the shoelace formula over their points. */
function signedArea(points: readonly { x: number; y: number }[]): number {
  return points.reduce((sum, { x, y }, i) => {
    const next = points[(i + 1) % points.length] ?? { x, y };
    return sum + x * next.y - next.x * y;
  }, 0) / 2;
}

Deno.test("glyph() reads outlines and advances: Inter's I is one upright bar", async () => {
  const font = new TrueTypeFont(await readFile(file));
  const { advance, contours } = font.glyph("I".codePointAt(0) ?? 0);
  assert.equal(contours.length, 1);
  const [bar = []] = contours;
  assert.ok(bar.every(({ onLine }) => onLine));
  const xs = bar.map(({ x }) => x), ys = bar.map(({ y }) => y);
  assert.equal(Math.min(...ys), 0);
  assert.equal(new Set(xs).size, 2);
  assert.ok(Math.max(...ys) > 0.7 * font.unitsPerEm && Math.max(...ys) < 0.75 * font.unitsPerEm);
  assert.ok(Math.min(...xs) > 0 && Math.max(...xs) < advance);
});

Deno.test("glyph() keeps holes: the inner contour of an O turns the other way", async () => {
  const font = new TrueTypeFont(await readFile(file));
  const { contours } = font.glyph("O".codePointAt(0) ?? 0);
  assert.equal(contours.length, 2);
  const [outer = 0, inner = 0] = contours.map(signedArea);
  assert.ok(outer * inner < 0, `${outer} and ${inner}`);
});

Deno.test("glyph() gives a space no outline and an unknown character the font's box", async () => {
  const font = new TrueTypeFont(await readFile(file));
  assert.equal(font.glyph(32).contours.length, 0);
  assert.ok(font.glyph(32).advance > 0);
  assert.deepEqual(font.glyph(0xe123), font.glyph(0x1f600));
  assert.ok(font.glyph(0xe123).contours.length > 0);
});

Deno.test("TrueTypeFont refuses bytes that are no TrueType font", () => {
  const cases = [new Uint8Array(0), new Uint8Array(400), new TextEncoder().encode("OTTO and more")];
  for (const bytes of cases) {
    assert.throws(() => new TrueTypeFont(bytes), {
      name: "TypeError",
      message: "These bytes are no TrueType font.",
    });
  }
  const empty = new Uint8Array(64);
  empty[1] = 1; // the version, but no tables
  assert.throws(() => new TrueTypeFont(empty), /no table "head"/);
});
