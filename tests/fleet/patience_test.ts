import assert from "assert";
import { Patience } from "../../src/fleet/patience.ts";

/** Waits for the end of a patience, and says after how long it came. */
async function lasted(timeoutMs: number, meanwhile: () => void = () => {}): Promise<number> {
  const ended = Promise.withResolvers<void>();
  const startedMs = performance.now();
  using _patience = new Patience(timeoutMs, ended.resolve);
  meanwhile();
  await ended.promise;
  return performance.now() - startedMs;
}

Deno.test("patience ends after its time", async () => {
  assert.ok(await lasted(300) >= 300);
});

Deno.test("patience begins anew after this process stood still", async () => {
  const still = new Int32Array(new SharedArrayBuffer(4));
  const elapsedMs = await lasted(1000, () => void Atomics.wait(still, 0, 0, 2500));
  assert.ok(elapsedMs >= 3500, `it was over after ${elapsedMs} ms`);
});
