import assert from "assert";
import { readdir, readFile, symlink } from "node:fs/promises";
import { ResultFiles } from "../../src/results/result_files.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const { signal } = new AbortController();

Deno.test("of results that are written under one name at the same time one is kept, and the others say so", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("out", "cat.png");
  const ended = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      // Each as another process would write it.
      new ResultFiles([], { overwrite: false }).write(path, new Uint8Array(9).fill(index), signal)),
  );
  const written = ended.flatMap(({ status }, index) => status === "fulfilled" ? index : []);
  assert.equal(written.length, 1, JSON.stringify(ended));
  assert.deepEqual([...await readFile(path)], Array(9).fill(written[0]));
  for (const each of ended) {
    if (each.status === "fulfilled") continue;
    const says = /cat\.png exists already; --overwrite replaces it\.$/;
    assert.ok(failsWith("already_exists", says)(each.reason));
  }
  assert.deepEqual(await readdir(folder.join("out")), ["cat.png"]);
});

Deno.test("a result takes the place of a link that leads nowhere, and with --overwrite of what is there", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("cat.png");
  await symlink(folder.join("nowhere"), path);
  await new ResultFiles([], { overwrite: false }).write(path, Uint8Array.of(1), signal);
  assert.deepEqual([...await readFile(path)], [1]);
  await new ResultFiles([], { overwrite: true }).write(path, Uint8Array.of(2), signal);
  assert.deepEqual([...await readFile(path)], [2]);
  assert.deepEqual(await readdir(folder.path), ["cat.png"]);
});
