import assert from "assert";
import { setTimeout as passed } from "node:timers/promises";
import { EarlyCollection } from "../../src/machine/early_collection.ts";

/** Bytes of a buffer, and how many of them are in use at a time: long enough to grow old. */
const [sizeBytes, inUse, made] = [10_000, 300, 30_000];

/**
 * Makes 300 MB of buffers that die old, as those of a server's connections do, within seconds.
 *
 * @returns the most that were there at a time, dead ones included, in MB.
 */
async function mostOfGarbage(): Promise<number> {
  const live: Uint8Array[] = [];
  let gone = 0;
  const registry = new FinalizationRegistry(() => gone++);
  let most = 0;
  for (let count = 1; count <= made; count++) {
    const buffer = new Uint8Array(sizeBytes).fill(count);
    registry.register(buffer, undefined);
    live.push(buffer);
    if (live.length > inUse) live.shift();
    if (count % 20 === 0) await passed(1);
    most = Math.max(most, count - gone);
  }
  return most * sizeBytes / 1e6;
}

Deno.test("garbage that grew old is collected before there is much of it", async () => {
  const alone = await mostOfGarbage();
  assert.ok(alone > 60, `V8 alone lets ${alone} MB come together; is its limit another by now?`);
  using _early = new EarlyCollection({ everyMs: 20, largeBytes: 0 });
  const early = await mostOfGarbage();
  // 25 MB, and what is made until it is looked at. Measured, with a load of 20 on two cores: 33 to 40.
  assert.ok(early < 50, `${early} MB came together, and ${alone} MB before`);
});
