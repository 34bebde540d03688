import assert from "assert";
import process from "node:process";
import { ProcessorShares } from "../../src/images/processor_shares.ts";

/** Keeps this thread busy until the process has used so much processor time. @returns how much. */
function spin(milliseconds: number): number {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= milliseconds * 1000) return (user + system) / 1000;
  }
}

/** Looking at the clock and ending takes some time of its own. */
const TOLERANCE_MS = 20;

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < TOLERANCE_MS, `${actual} ms, not ${expected}`);
}

Deno.test("processor time is shared out evenly among pieces of work", () => {
  const shares = new ProcessorShares(() => {});
  const pieces = [shares.begin(), shares.begin()];
  const usedMs = spin(200);
  for (const piece of pieces) piece.end();
  for (const piece of pieces) assertNear(piece.usedMs, usedMs / 2);
});

Deno.test("beside other work a piece gets a part as each of its threads does, and all of it afterwards", () => {
  const shares = new ProcessorShares(() => {});
  const piece = shares.begin();
  let besideMs = 0;
  {
    using _pass = shares.beside(3);
    using _another = shares.beside(3); // on the same threads
    besideMs = spin(200);
  }
  assertNear(piece.usedMs, besideMs / 4);
  const aloneMs = spin(100);
  piece.end();
  assertNear(piece.usedMs, besideMs / 4 + aloneMs);
});
