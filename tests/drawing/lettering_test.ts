import assert from "assert";
import { drawSvg } from "../../src/drawing/draw_svg.ts";
import { Lettering } from "../../src/drawing/lettering.ts";

/** Rasterizes an SVG of 100x40 pixels and returns its darkness, 0 white to 255 black, row by row. */
async function darkness(svg: string): Promise<Uint8Array> {
  const page = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40">` +
    `<rect width="100" height="40" fill="#fff"/>${svg}</svg>`;
  const { rgba } = await drawSvg(page);
  return Uint8Array.from({ length: 4000 }, (_, pixel) => 255 - rgba[4 * pixel]!);
}

/** The box of pixels that are darker than a quarter: [left, top, right, bottom], ends included. */
function boxOf(dark: Uint8Array): number[] {
  const xs: number[] = [], ys: number[] = [];
  dark.forEach((value, i) => {
    if (value < 64) return;
    xs.push(i % 100);
    ys.push(Math.floor(i / 100));
  });
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

Deno.test("svg() sets letters on the line, in the size and colour asked for", async () => {
  const lettering = await Lettering.load();
  const dark = await darkness(lettering.svg("H", { x: 10, y: 32, size: 30, color: "#000" }));
  const [left, top, right, bottom] = boxOf(dark);
  // Inter's H: cap height 1490/2048 em, so 21.8 pixels; stems of one colour from top to line.
  assert.equal(bottom, 31);
  assert.ok(top === 10 || top === 11, `top ${top}`);
  assert.ok(left !== undefined && right !== undefined && left >= 11 && right <= 32);
  const at = (x: number, y: number) => dark[y * 100 + x] ?? 0;
  assert.equal(at(left + 1, 15), 255, "the left stem is filled");
  assert.equal(at((left + right) >> 1, 13), 0, "above the bar is paper");
  assert.equal(at((left + right) >> 1, 21), 255, "the bar is filled");
});

Deno.test("svg() leaves the inside of an O empty", async () => {
  const lettering = await Lettering.load();
  const dark = await darkness(lettering.svg("O", { x: 10, y: 32, size: 30, color: "#000" }));
  const [left = 0, top = 0, right = 0, bottom = 0] = boxOf(dark);
  const middle = dark[((top + bottom) >> 1) * 100 + ((left + right) >> 1)];
  assert.equal(middle, 0);
  assert.equal(dark[((top + bottom) >> 1) * 100 + left + 1], 255);
});

Deno.test("svg() draws letters that are composed of others, such as one with an accent", async () => {
  const lettering = await Lettering.load();
  const style = { x: 10, y: 34, size: 30, color: "#000" };
  const plain = boxOf(await darkness(lettering.svg("E", style)));
  const accented = boxOf(await darkness(lettering.svg("É", style)));
  assert.deepEqual([accented[0], accented[2], accented[3]], [plain[0], plain[2], plain[3]]);
  assert.ok((accented[1] ?? 0) < (plain[1] ?? 0) - 4, `${accented} above ${plain}`);
});

Deno.test("svg() anchors text at its start, middle or end", async () => {
  const lettering = await Lettering.load();
  const boxes = [];
  for (const anchor of ["start", "middle", "end"] as const) {
    boxes.push(boxOf(await darkness(lettering.svg("mm", { x: 50, y: 30, size: 20, anchor }))));
  }
  const width = lettering.width("mm", 20);
  const [start, middle, end] = boxes.map(([left]) => left ?? 0);
  assert.ok(Math.abs((start ?? 0) - (middle ?? 0) - width / 2) <= 1, `${start} ${middle}`);
  assert.ok(Math.abs((start ?? 0) - (end ?? 0) - width) <= 1, `${start} ${end}`);
});

Deno.test("width() grows with the text, the size and the weight; spaces count, line breaks are spaces", async () => {
  const lettering = await Lettering.load();
  assert.equal(lettering.width("", 20), 0);
  assert.equal(lettering.width("ab", 40), 2 * lettering.width("ab", 20));
  assert.ok(lettering.width("a b", 20) > lettering.width("ab", 20));
  assert.equal(lettering.width("a\nb", 20), lettering.width("a b", 20));
  assert.ok(lettering.width("colorized", 20, true) > lettering.width("colorized", 20));
});

Deno.test("the fonts have every sign that titles and captions use", async () => {
  const lettering = await Lettering.load();
  const missing = lettering.svg("\u{e123}", { x: 0, y: 0, size: 20 });
  for (const sign of "L*abΔE₀₀λ·×±−–—…%αβ²→≥ éüßÅñžЖ") {
    for (const bold of [false, true]) {
      const drawn = lettering.svg(sign, { x: 0, y: 0, size: 20, bold });
      assert.notEqual(drawn, missing, `"${sign}" is missing`);
    }
  }
});

Deno.test("fit() shortens what is too wide, with an ellipsis, and never splits a sign", async () => {
  const lettering = await Lettering.load();
  assert.equal(lettering.fit("short", 100, 14), "short");
  const shorter = lettering.fit("holiday_photo_2024_07_13.jpeg", 100, 14);
  assert.match(shorter, /^holiday_ph.*…$/);
  assert.ok(lettering.width(shorter, 14) <= 100);
  assert.equal(lettering.fit("anything", 3, 14), "");
  assert.ok(!/[\ud800-\udbff]…/.test(lettering.fit("😀😀😀😀😀😀😀😀", 60, 14)));
});
