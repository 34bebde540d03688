import assert from "assert";
import sharp from "sharp";
import { composeSampleSheet, fitTile, type SheetRow } from "../../src/drawing/sample_sheet.ts";

/** A picture of one colour. */
function plain(size: number, [r, g, b]: readonly [number, number, number]): Uint8Array {
  return Uint8Array.from({ length: size * size * 3 }, (_, i) => [r, g, b][i % 3] ?? 0);
}

const red = [200, 30, 40] as const, green = [10, 160, 70] as const, blue = [20, 60, 220] as const;

/** A sheet's pixels, with what is needed to look at one. */
async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, 3);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3).subarray(0, 3)];
  /** The boxes of all pixels of one colour: [left, top, right, bottom], ends included. */
  const boxOf = (color: readonly number[]) => {
    let [left, top, right, bottom, count] = [Infinity, Infinity, -1, -1, 0];
    for (let y = 0; y < info.height; y++) {
      for (let x = 0; x < info.width; x++) {
        if (at(x, y).some((value, c) => value !== color[c])) continue;
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
        count++;
      }
    }
    return { left, top, right, bottom, count };
  };
  return { width: info.width, height: info.height, at, boxOf };
}

Deno.test("composeSampleSheet() pastes pictures byte by byte, in columns with a gap, on white", async () => {
  const noise = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * 7919) % 251);
  const png = await composeSampleSheet(
    [{ pictures: [plain(16, red), noise, plain(16, blue)] }],
    { zoom: 1 },
  );
  const { at, boxOf } = await pixelsOf(png);
  const first = boxOf(red), last = boxOf(blue);
  assert.equal(first.count, 256);
  assert.equal(last.count, 256);
  assert.equal(first.top, last.top);
  assert.equal(last.left - first.left, 2 * (16 + 6));
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) {
      const expected = [...noise.subarray((y * 16 + x) * 3).subarray(0, 3)];
      assert.deepEqual(at(first.left + 22 + x, first.top + y), expected);
    }
  }
  assert.deepEqual(at(first.right + 3, first.top + 8), [255, 255, 255]);
  assert.deepEqual(at(0, 0), [255, 255, 255]);
});

Deno.test("composeSampleSheet() takes any number of columns and shows small pictures larger", async () => {
  const colors = [red, green, blue, [90, 90, 90], [1, 2, 3]] as const;
  const png = await composeSampleSheet(
    [{ pictures: colors.map((color) => plain(32, color)) }],
    { columnTitles: ["L", "colorized", "real", "chroma", "ΔE"] },
  );
  const { boxOf } = await pixelsOf(png);
  for (const [column, color] of colors.entries()) {
    const { left, top, right, bottom, count } = boxOf(color);
    assert.equal(count, 160 * 160, `column ${column}`);
    assert.deepEqual([right - left, bottom - top], [159, 159]);
    assert.equal(left - boxOf(red).left, column * 166);
  }
});

Deno.test("composeSampleSheet() writes titles above and captions below, and only where there are some", async () => {
  const pictures = [plain(64, red), plain(64, green)];
  const options = { zoom: 1, columnTitles: ["", ""] };
  const bare = await pixelsOf(await composeSampleSheet([{ pictures }], options));
  const captioned = await pixelsOf(
    await composeSampleSheet([{ pictures, captions: ["", "24.1 dB"] }], options),
  );
  const titled = await pixelsOf(
    await composeSampleSheet([{ pictures }], { ...options, title: "Title", subtitle: "and more" }),
  );
  const darkIn = (
    { at }: typeof bare,
    [left, top, right, bottom]: readonly [number, number, number, number],
  ) => {
    let dark = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) if ((at(x, y)[1] ?? 255) < 160) dark++;
    }
    return dark;
  };
  const picture = captioned.boxOf(green);
  const below = picture.bottom + 1;
  const under = [picture.left, below, picture.right, captioned.height] as const;
  assert.ok(darkIn(captioned, under) > 40, "the caption is below its picture");
  assert.equal(darkIn(captioned, [0, below, picture.left - 6, captioned.height]), 0);
  assert.ok(captioned.height > bare.height);
  const top = titled.boxOf(red).top;
  assert.ok(top > bare.boxOf(red).top + 30);
  assert.ok(darkIn(titled, [0, 0, titled.width, top]) > 100, "the title is above");
  assert.equal(darkIn(bare, [0, 0, bare.width, bare.boxOf(red).top]), 0);
});

Deno.test("composeSampleSheet() writes a heading above its row, and its detail after it", async () => {
  const pictures = [plain(64, red), plain(64, green), plain(64, blue)];
  const options = { zoom: 1, columnTitles: ["", "", ""], groups: 1 };
  const colors = [[1, 0, 0], [2, 0, 0]] as const;
  const rows = (heading?: string, detail?: string): SheetRow[] =>
    colors.map((color, i) => ({
      pictures: [plain(64, color), ...pictures.slice(1)],
      ...(i === 1 && heading !== undefined && { heading, ...(detail !== undefined && { detail }) }),
    }));
  const bare = await pixelsOf(await composeSampleSheet(rows(), options));
  const headed = await pixelsOf(await composeSampleSheet(rows("crop 0.6"), options));
  const detailed = await pixelsOf(await composeSampleSheet(rows("crop 0.6", "windows"), options));
  /** The columns with anything dark between the two rows. */
  const written = (sheet: typeof bare) => {
    const [from, to] = [sheet.boxOf(colors[0]).bottom + 1, sheet.boxOf(colors[1]).top];
    return Array.from({ length: sheet.width }, (_, x) => x).filter((x) =>
      Array.from({ length: to - from }, (_, y) => sheet.at(x, from + y)[1] ?? 255).some((g) =>
        g < 160
      )
    );
  };
  assert.deepEqual(written(bare), []);
  const [left, end] = [written(headed)[0]!, written(headed).at(-1)!];
  assert.ok(Math.abs(left - headed.boxOf(colors[1]).left) <= 2, "it begins with its row");
  assert.ok(end > left + 40 && end < left + 100, `it ends at ${end}`);
  const after = written(detailed).filter((x) => x > end);
  assert.ok(after.length > 15 && after[0]! >= end + 5, "the detail stands apart");
  assert.equal(headed.boxOf(colors[0]).left, bare.boxOf(colors[0]).left);
  assert.ok(headed.height > bare.height);
});

Deno.test("composeSampleSheet() sets many rows side by side and leaves out those beyond maxRows", async () => {
  const rows = (count: number): SheetRow[] =>
    Array.from({ length: count }, (_, i) => ({
      pictures: [plain(32, [i + 1, 0, 0]), plain(32, [0, i + 1, 0]), plain(32, [0, 0, i + 1])],
    }));
  const one = await pixelsOf(await composeSampleSheet(rows(4), { groups: 1, zoom: 1 }));
  assert.equal(one.boxOf([1, 0, 0]).left, one.boxOf([4, 0, 0]).left);
  const two = await pixelsOf(await composeSampleSheet(rows(5), { groups: 2, zoom: 1 }));
  assert.equal(two.boxOf([1, 0, 0]).left, two.boxOf([3, 0, 0]).left);
  assert.equal(two.boxOf([1, 0, 0]).top, two.boxOf([4, 0, 0]).top);
  assert.ok(two.boxOf([4, 0, 0]).left > two.boxOf([0, 0, 1]).right);
  assert.equal(two.boxOf([5, 0, 0]).count, 32 * 32);
  const few = await pixelsOf(await composeSampleSheet(rows(9), { maxRows: 6, zoom: 1 }));
  assert.equal(few.boxOf([6, 0, 0]).count, 32 * 32);
  assert.equal(few.boxOf([7, 0, 0]).count, 0);
  const { width, height } = await pixelsOf(await composeSampleSheet(rows(8)));
  assert.ok(width / height > 0.8 && width / height < 2, `${width}x${height}`);
});

Deno.test("composeSampleSheet() refuses rows that do not fit together", async () => {
  const good = [plain(8, red), plain(8, green), plain(8, blue)];
  const cases: [SheetRow[], Parameters<typeof composeSampleSheet>[1], RegExp][] = [
    [[], {}, /at least one row/],
    [[{ pictures: [] }], {}, /at least one row/],
    [[{ pictures: good.slice(1) }], {}, /Row 0 has 2 pictures, but there are 3 column titles/],
    [[{ pictures: good }, { pictures: good.slice(1) }], {}, /Row 1 has 2 pictures/],
    [
      [{ pictures: [...good.slice(1), plain(9, red)] }],
      {},
      /row 0 has 243 bytes, not the 192 of 8x8/,
    ],
    [[{ pictures: good.map((picture) => picture.subarray(3)) }], {}, /has 189 bytes/],
    [[{ pictures: good }], { groups: 0 }, /groups is an integer from 1, not 0/],
    [[{ pictures: good }], { maxRows: 1.5 }, /maxRows is an integer from 1, not 1.5/],
    [[{ pictures: good }], { zoom: -1 }, /zoom is an integer from 1, not -1/],
  ];
  for (const [rows, options, message] of cases) {
    await assert.rejects(() => composeSampleSheet(rows, options), { name: "RangeError", message });
  }
});

Deno.test("composeSampleSheet() shows the most and largest pictures smaller, on a sheet that can be drawn", async () => {
  // The most photos of a training's sheets, with their columns, at a large `size`.
  const pictures = [red, green, blue, red, green].map((color) => plain(1024, color));
  const captions = ["24.1 dB", "24.1 dB", "", "9% as colourful", "mean 3"];
  const rows = Array.from({ length: 64 }, () => ({ pictures, captions }));
  const columnTitles = ["L", "colorized", "real", "chroma at L = 50", "ΔE map"];
  const png = await composeSampleSheet(rows, { title: "Step 1", columnTitles, maxRows: 64 });
  const { width = 0, height = 0 } = await sharp(png, { limitInputPixels: 1e9 }).metadata();
  assert.ok(width * height < 52e6 && width * height > 40e6, `${width}x${height}`);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  let dark = 0, ofRed = 0;
  for (let at = 0; at < data.length; at += info.channels) {
    if (data[at] === red[0] && data[at + 1] === red[1]) ofRed++;
    if ((data[at] ?? 255) < 120 && data[at] === data[at + 1]) dark++;
  }
  const tile = Math.sqrt(ofRed / 128);
  assert.ok(
    Number.isInteger(tile) && tile > 300,
    `two of five columns, 64 rows: a side of ${tile}`,
  );
  const shrunk = await fitTile(plain(1024, red), { columns: 5, rows: 64 });
  const side = Math.sqrt(shrunk.length / 3);
  assert.ok(side >= tile && side < 1.1 * tile, `the sheet's own side, or a little more: ${side}`);
  assert.deepEqual([...shrunk.subarray(-3)], red);
  assert.ok(dark > 10_000, "captions stand below all rows");
});
