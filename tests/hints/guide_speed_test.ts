import assert from "assert";
import process from "node:process";
import { ColorGuide } from "../../src/hints/color_guide.ts";
import { renderScene } from "../../src/scenes/scenes.ts";

const side = 1000;
const tile = 512;

/** Processor time that hints take over the whole photo, milliseconds. */
async function timeOf(rgb: Uint8Array): Promise<number> {
  const hints = [0.2, 0.5, 0.8].map((part, i) => ({
    x: part * side,
    y: part * side,
    radius: 5,
    a: 40 - 40 * i,
    b: 20 * i,
  }));
  const before = process.cpuUsage().user;
  const guide = await ColorGuide.over({ width: side, height: side, rgb }, { hints });
  for (let top = 0; top < side; top += tile) {
    for (let left = 0; left < side; left += tile) {
      guide.tile({ left, top, columns: tile, rows: tile });
    }
  }
  return (process.cpuUsage().user - before) / 1000;
}

Deno.test("three hints on a million pixels take at most 100 ms of processor time", async () => {
  const rgb = renderScene(1, { size: side });
  const times: number[] = [];
  // The first ones are compiled meanwhile.
  for (let i = 0; i < 6; i++) times.push(await timeOf(rgb));
  assert.ok(Math.min(...times) <= 100, `${times.map((each) => each.toFixed(0))}`);
});
