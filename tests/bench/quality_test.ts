import assert from "assert";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Result, Results } from "../../bench/quality/results.ts";
import { rows } from "../../bench/quality/rows.ts";
import {
  differencesTable,
  hintsTable,
  interval,
  measuresTable,
  pairedInterval,
} from "../../bench/quality/table.ts";

const result = (row: string, seed: number, psnr: number): Result => ({
  ...{ row, seed, settings: "{}", seconds: 60, cpuSeconds: 100 },
  measures: {
    psnr,
    ssim: 0.8,
    deltaE2000: 7,
    abError: 12,
    colorfulnessRatio: 1,
    vividDeltaE2000: 8,
  },
});

async function inFolder(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "results.jsonl"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Results gives what an earlier call measured with the same settings, and nothing else", () =>
  inFolder(async (path) => {
    const first = await Results.open(path);
    assert.equal(first.get("EMA", 0, "{}"), undefined);
    await first.add(result("EMA", 0, 22));
    await first.add(result("EMA", 1, 23));
    const second = await Results.open(path);
    assert.equal(second.get("EMA", 1, "{}")?.measures["psnr"], 23);
    assert.equal(second.get("EMA", 2, "{}"), undefined);
    assert.equal(second.get("EMA", 1, '{"ngf":8}'), undefined);
    assert.equal(second.get("hints", 1, "{}"), undefined);
  }));

Deno.test("Results passes over a line that was cut short, and goes on behind it", () =>
  inFolder(async (path) => {
    await (await Results.open(path)).add(result("EMA", 0, 22));
    await appendFile(path, '{"row":"EMA","seed":1,"mea');
    const again = await Results.open(path);
    assert.equal(again.get("EMA", 1, "{}"), undefined);
    await again.add(result("EMA", 1, 23));
    const third = await Results.open(path);
    assert.equal(third.get("EMA", 0, "{}")?.measures["psnr"], 22);
    assert.equal(third.get("EMA", 1, "{}")?.measures["psnr"], 23);
    assert.equal((await readFile(path, "utf8")).trim().split("\n").length, 3);
  }));

Deno.test("Results expects of a row what it took, and of an unknown one what others took", () =>
  inFolder(async (path) => {
    const results = await Results.open(path);
    assert.equal(results.secondsOf("EMA"), 0);
    await results.add({ ...result("EMA", 0, 22), seconds: 10 });
    await results.add({ ...result("hints", 0, 22), seconds: 30 });
    assert.equal(results.secondsOf("EMA"), 10);
    assert.equal(results.secondsOf("resnet18"), 20);
  }));

Deno.test("interval() is Student's: three values 1, 2, 3 are 2 ± 2.484", () => {
  const { mean, half } = interval([1, 2, 3]);
  assert.equal(mean, 2);
  // t(0.975, 2) = 4.303, times the standard deviation 1, over the root of 3.
  assert.ok(Math.abs(half - 4.303 / Math.sqrt(3)) < 1e-9);
  assert.ok(Number.isNaN(interval([5]).half));
});

Deno.test("pairedInterval() compares trainings of one seed, however far the seeds are apart", () => {
  const base = [result("EMA", 0, 10), result("EMA", 1, 20), result("EMA", 2, 30)];
  // Not in order, and one without a partner.
  const other = [result("a", 2, 31), result("a", 0, 11), result("a", 1, 21), result("a", 3, 99)];
  const { mean, half } = pairedInterval(other, base, "psnr")!;
  assert.ok(Math.abs(mean - 1) < 1e-9);
  assert.ok(half < 1e-9);
  assert.equal(pairedInterval(other, [], "psnr"), undefined);
});

Deno.test("the tables show means with intervals, differences with signs, and hints by number", () => {
  const made = new Map([
    ["EMA", [result("EMA", 0, 20), result("EMA", 1, 22)]],
    [
      "hints",
      [result("hints", 0, 21), result("hints", 1, 23)].map((each) => ({
        ...each,
        hinted: { 10: { psnr: 25, deltaE2000: 5, abError: 9, hintError: 3 } },
      })),
    ],
    ["unmeasured", []],
  ]);
  const table = measuresTable(made);
  assert.match(table, /\| EMA \| 2 \| 21\.00 ± 12\.71 \|/);
  assert.doesNotMatch(table, /unmeasured/);
  const differences = differencesTable(made, (name) => name === "hints" ? "EMA" : undefined);
  assert.match(differences, /\| hints - EMA \| \+1\.00 ± 0\.00 \|/);
  assert.doesNotMatch(differences, /\| EMA - /);
  assert.match(hintsTable(made), /\| hints \| 10 \| 25\.00 ± 0\.00 \|/);
});

Deno.test("each row of bench/quality.ts has a name of its own and is compared with one before it", () => {
  const names = rows.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const [index, { name, against }] of rows.entries()) {
    if (against === undefined) continue;
    assert.ok(names.slice(0, index).includes(against), `${name} is compared with ${against}`);
  }
});
