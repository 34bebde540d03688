import assert from "assert";
import sharp from "sharp";
import { parallelCoordinates, type ParallelLine } from "../../src/drawing/parallel_coordinates.ts";

const axes = [{ name: "lr_g", logarithmic: true }, { name: "gan_mode" }, { name: "psnr_db" }];

/** Where, in a column of the picture, something as dark or as colourful as a line stands. */
async function rowsAt(lines: readonly ParallelLine[], x: number): Promise<number[]> {
  const png = await parallelCoordinates(axes, lines, { width: 600, height: 300 });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [600, 300, 3]);
  const rows = Array.from({ length: 300 - 78 - 42 }, (_, i) => i + 78);
  return rows.filter((y) =>
    Math.min(...data.subarray(3 * (600 * y + x), 3 * (600 * y + x) + 3)) < 200
  );
}

const middle = (rows: readonly number[]) => rows.reduce((sum, y) => sum + y, 0) / rows.length;

Deno.test("lines run from value to value: by the logarithm, and words one above the other", async () => {
  const line = (lr: number, mode: string, psnr: number): ParallelLine => ({
    values: [lr, mode, psnr],
    score: 0.5,
  });
  // Beside the first axis at x = 90: 1e-3 is half way from 1e-4 to 1e-2. The plot is 78 to 258.
  const ends = [line(1e-4, "lsgan", 20), line(1e-2, "vanilla", 30)];
  const three = await rowsAt([...ends, line(1e-3, "vanilla", 25)], 96);
  assert.ok(three.some((y) => Math.abs(y - 168) < 5), `${three}`);
  // "lsgan" is the lower of two words: a quarter from the bottom; "vanilla" a quarter from the top.
  const words = await rowsAt(ends, 304);
  assert.ok(words.some((y) => Math.abs(y - (258 - 45)) < 5), `${words}`);
  assert.ok(words.some((y) => Math.abs(y - (78 + 45)) < 5), `${words}`);
});

Deno.test("a line without a measure ends before its axis, and is gray", async () => {
  const missing: ParallelLine = { values: [1e-3, "lsgan", undefined], score: undefined };
  assert.ok((await rowsAt([missing], 250)).length === 0, "too light for a line with a score");
  assert.deepEqual(await rowsAt([missing], 450), []);
  const measured = await rowsAt([{ values: [1e-3, "lsgan", 20], score: 1 }], 450);
  assert.ok(Math.abs(middle(measured) - 168) < 10, `${measured}`);
});

Deno.test("parallel coordinates need two axes, and a value for each", async () => {
  await assert.rejects(parallelCoordinates(axes.slice(0, 1), []), RangeError);
  await assert.rejects(parallelCoordinates(axes, [{ values: [1], score: 1 }]), RangeError);
});
