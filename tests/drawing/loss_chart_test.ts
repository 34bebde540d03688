import assert from "assert";
import sharp from "sharp";
import { lossChart, type Series } from "../../src/drawing/loss_chart.ts";

const blue = [0, 114, 178], vermilion = [213, 94, 0];

/** A chart's pixels, and how to count those near a colour within columns from `left` to `right`. */
async function look(series: Series[], options: Parameters<typeof lossChart>[1] = {}) {
  const png = await lossChart(series, options);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, 3);
  const isNear = (x: number, y: number, color: number[]) =>
    color.every((value, c) => Math.abs((data[(y * info.width + x) * 3 + c] ?? 0) - value) < 40);
  /** Rows of the plot (below the legend) in which a column shows the colour. */
  const rowsOf = (x: number, color: number[]) =>
    Array.from({ length: info.height - 80 }, (_, i) => i + 80).filter((y) => isNear(x, y, color));
  /** The middle of a curve in a column; NaN where there is none. */
  const heightAt = (x: number, color: number[]) => {
    const rows = rowsOf(x, color);
    return rows.reduce((sum, y) => sum + y, 0) / rows.length;
  };
  return { data, width: info.width, height: info.height, rowsOf, heightAt };
}

function curve(name: string, count: number, value: (t: number) => number): Series {
  const points = Array.from({ length: count }, (_, i) => ({
    step: i + 1,
    value: value(i / Math.max(1, count - 1)),
  }));
  return { name, points };
}

Deno.test("lossChart() draws straight lines where they belong: falling, level and rising", async () => {
  const chart = await look(
    [curve("loss_D_fake", 20, (t) => t), curve("loss_D_real", 20, (t) => 1 - t)],
    { width: 600, height: 400 },
  );
  assert.deepEqual([chart.width, chart.height], [600, 400]);
  const quarter = chart.heightAt(180, blue), threeQuarters = chart.heightAt(450, blue);
  assert.ok(threeQuarters < quarter - 100, `rises: ${quarter} to ${threeQuarters}`);
  const falling = [chart.heightAt(180, vermilion), chart.heightAt(450, vermilion)];
  assert.ok((falling[1] ?? 0) > (falling[0] ?? 0) + 100, `falls: ${falling}`);
  // The curves are each other's mirror image about the middle of the axis.
  assert.ok(Math.abs(quarter + (falling[0] ?? 0) - threeQuarters - (falling[1] ?? 0)) < 3);
});

Deno.test("lossChart() puts discriminator, generator and others into panels side by side", async () => {
  const all = [
    curve("loss_D", 20, () => 0.5),
    curve("loss_G", 20, () => 5),
    curve("PSNR (dB)", 20, () => 20),
  ];
  const chart = await look(all, { width: 900, height: 300 });
  // Each panel's first curve is blue.
  for (const x of [150, 450, 750]) assert.ok(chart.rowsOf(x, blue).length > 0, `panel at ${x}`);
  for (const x of [5, 305, 605]) assert.equal(chart.rowsOf(x, blue).length, 0, `margin at ${x}`);
  const one = await look(all.map((series) => ({ ...series, panel: "all" })), {
    width: 900,
    height: 300,
  });
  assert.ok(one.rowsOf(305, blue).length > 0, "one panel across");
});

Deno.test("lossChart() leaves a gap where values are not numbers, and one point is a dot", async () => {
  const gap = curve("loss_D", 100, (t) => t > 0.4 && t < 0.6 ? NaN : 1);
  const chart = await look([gap], { width: 600, height: 300 });
  for (const x of [150, 250, 400, 500]) assert.ok(chart.rowsOf(x, blue).length > 0, `line at ${x}`);
  assert.equal(chart.rowsOf(320, blue).length, 0);
  const dot = await look([curve("loss_D", 1, () => 3)], { width: 600, height: 300 });
  const columns = Array.from({ length: 600 }, (_, x) => x)
    .filter((x) => dot.rowsOf(x, blue).length > 0);
  assert.ok(columns.length >= 4 && columns.length <= 7, `${columns}`);
});

Deno.test("lossChart() shows the whole range of 100,000 values, and draws no more for them", async () => {
  const noisy = curve("loss_G", 100_000, (t) => 5 + 4 * Math.sin(t * 1e6));
  const chart = await look([noisy], { width: 600, height: 300 });
  const tinted = (x: number) =>
    Array.from({ length: 170 }, (_, i) => 85 + i).filter((y) => {
      const at = (y * 600 + x) * 3;
      return (chart.data[at] ?? 0) < (chart.data[at + 2] ?? 0) - 15;
    }).length;
  // From 1 to 9 on an axis from 0 to 10, of about 180 pixels.
  assert.ok(tinted(300) > 120, `${tinted(300)} rows of band`);
  const png = await lossChart([noisy], { width: 600, height: 300 });
  assert.ok(png.length < 60_000, `${png.length} bytes`);
});

Deno.test("lossChart() with logY spaces losses by their ratio and leaves others even", async () => {
  const decades = curve("loss_G", 3, (t) => 10 ** (t * 2)); // 1, 10, 100
  const middles = async (series: Series, logY: boolean) => {
    const chart = await look([series], { width: 700, height: 400, logY });
    const columns = Array.from({ length: 700 }, (_, x) => x)
      .filter((x) => chart.rowsOf(x, blue).length > 0);
    const left = Math.min(...columns), right = Math.max(...columns);
    const [low, mid, high] = [left + 2, (left + right) >> 1, right - 2]
      .map((x) => chart.heightAt(x, blue)) as [number, number, number];
    return (low - mid) / (low - high); // how far up the middle value is
  };
  assert.ok(Math.abs(await middles(decades, true) - 0.5) < 0.03);
  assert.ok(Math.abs(await middles(decades, false) - 9 / 99) < 0.03);
  assert.ok(Math.abs(await middles({ ...decades, name: "PSNR" }, true) - 9 / 99) < 0.03);
});

Deno.test("lossChart() says so where there are no values yet", async () => {
  const chart = await look([{ name: "loss_D", points: [] }, curve("loss_G", 3, () => NaN)], {
    width: 500,
    height: 300,
  });
  for (const [left, right] of [[50, 200], [300, 450]] as const) {
    let dark = 0;
    for (let y = 120; y < 210; y++) {
      for (let x = left; x < right; x++) if ((chart.data[(y * 500 + x) * 3] ?? 255) < 160) dark++;
    }
    assert.ok(dark > 80, `${dark} dark pixels from ${left} to ${right}`);
  }
});

Deno.test("lossChart() refuses no series and sizes out of range", async () => {
  const good = [curve("loss_D", 2, () => 1)];
  const cases: [Series[], Parameters<typeof lossChart>[1], RegExp][] = [
    [[], {}, /at least one series/],
    [good, { width: 199 }, /width of a chart is 200 to 8000 pixels, not 199/],
    [good, { height: 8001 }, /height of a chart is 120 to 8000 pixels, not 8001/],
    [good, { width: 300.5 }, /not 300.5/],
  ];
  for (const [series, options, message] of cases) {
    await assert.rejects(() => lossChart(series, options), { name: "RangeError", message });
  }
});
