import assert from "assert";
import { readdir } from "node:fs/promises";
import { prepareGenerated } from "../../src/prepared/prepare_generated.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const draw = (index: number) => Uint8Array.from({ length: 12 }, (_, at) => index * 12 + at);

Deno.test("prepareGenerated() draws pictures once and opens them afterwards", async () => {
  await using folder = await TemporaryFolder.create();
  const options = { count: 5, size: 2, key: "steps", cacheFolder: folder.path };
  const progress: number[] = [];
  await using set = await prepareGenerated(draw, {
    ...options,
    onProgress: ({ done, total }) => progress.push(done, total),
  });
  assert.deepEqual([set.count, set.size, set.isReused], [5, 2, false]);
  assert.deepEqual(set.names, ["steps/0", "steps/1", "steps/2", "steps/3", "steps/4"]);
  assert.equal(new Set(set.ids).size, 5);
  assert.deepEqual(progress.slice(-2), [5, 5]);
  const drawn = new Uint8Array(60);
  await set.readInto([0, 1, 2, 3, 4], drawn);
  assert.deepEqual([...drawn], Array.from({ length: 60 }, (_, at) => at));

  await using again = await prepareGenerated(() => assert.fail("drawn twice"), options);
  assert.deepEqual([again.count, again.key, again.isReused], [5, set.key, true]);
  for (const other of [{ key: "other" }, { count: 4 }]) {
    await using changed = await prepareGenerated(draw, { ...options, ...other });
    assert.equal(changed.isReused, false);
    assert.notEqual(changed.key, set.key);
  }
});

Deno.test("prepareGenerated() keeps the order of pictures that come out of order", async () => {
  await using folder = await TemporaryFolder.create();
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const options = { count: 3, size: 2, key: "k", cacheFolder: folder.path, concurrency: 3 };
  let begun = 0;
  const preparing = prepareGenerated(async (index) => {
    // The last to begin lets the others go, from the last to the first.
    if (++begun === 3) gates[2]!.resolve();
    await gates[index]!.promise;
    gates[index - 1]?.resolve();
    return draw(index);
  }, options);
  await using set = await preparing;
  const out = new Uint8Array(36);
  await set.readInto([0, 1, 2], out);
  assert.deepEqual([...out], Array.from({ length: 36 }, (_, at) => at));
});

Deno.test("prepareGenerated() leaves nothing behind when drawing fails or is cancelled", async () => {
  await using folder = await TemporaryFolder.create();
  const options = { count: 5, size: 2, cacheFolder: folder.path };
  const failing = (index: number) => {
    if (index === 3) throw new Error("no more paint");
    return draw(index);
  };
  await assert.rejects(prepareGenerated(failing, { ...options, key: "a" }), /no more paint/);
  const small = () => new Uint8Array(11);
  await assert.rejects(
    prepareGenerated(small, { ...options, key: "b" }),
    /Picture 0 has 11 bytes; 12 are needed/,
  );
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(
    prepareGenerated((index) => {
      if (index === 2) controller.abort(reason);
      return draw(index);
    }, { ...options, key: "c", signal: controller.signal }),
    reason,
  );
  assert.deepEqual(await readdir(folder.path), []);
});

Deno.test("prepareGenerated() refuses numbers out of range", async () => {
  const options = { count: 1, size: 2, key: "k", cacheFolder: "never made" };
  for (const wrong of [{ count: 0 }, { size: 0 }, { size: 4097 }, { concurrency: 0 }]) {
    await assert.rejects(prepareGenerated(draw, { ...options, ...wrong }), RangeError);
  }
});
