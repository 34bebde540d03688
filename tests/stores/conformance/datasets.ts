import assert from "assert";
import { failsWith } from "../../checkpoints/small_run.ts";
import type { Bench } from "./bench.ts";

const counts = { photoCount: 120, sizeBytes: 34_000_000, grayCount: 3, brokenCount: 2 };
const report = { broken: ["a.jpg: truncated", "b.png: empty"] };

export function testDatasets({ test }: Bench): void {
  test("a dataset is uploaded, then complete, and goes", async (store, clock) => {
    const createdAtMs = clock.nowMs;
    const empty = { photoCount: 0, sizeBytes: 0, grayCount: 0, brokenCount: 0 };
    const times = { createdAtMs, updatedAtMs: createdAtMs };
    const begun = await store.datasets.begin("photos");
    assert.deepEqual(begun, {
      name: "photos",
      state: "UPLOADING",
      ...empty,
      report: undefined,
      ...times,
    });
    clock.nowMs += 1000;
    assert.deepEqual(await store.datasets.begin("photos"), begun, "an upload can go on");
    const ready = await store.datasets.finish("photos", counts, report);
    assert.deepEqual(ready, {
      name: "photos",
      state: "READY",
      ...counts,
      report,
      createdAtMs,
      updatedAtMs: clock.nowMs,
    });
    assert.deepEqual(await store.datasets.get("photos"), ready);
    await store.datasets.delete("photos");
    const missing = failsWith("not_found", /photos/);
    await assert.rejects(store.datasets.get("photos"), missing);
    await assert.rejects(store.datasets.delete("photos"), missing);
  });

  test("a complete dataset is neither uploaded to nor completed again", async (store) => {
    await store.datasets.begin("photos");
    const ready = await store.datasets.finish("photos", counts, report);
    await assert.rejects(store.datasets.begin("photos"), failsWith("already_exists", /photos/));
    await assert.rejects(
      store.datasets.finish("photos", { ...counts, photoCount: 1 }, {}),
      failsWith("failed_precondition", /photos is READY/),
    );
    assert.deepEqual(await store.datasets.get("photos"), ready);
    await assert.rejects(
      store.datasets.finish("nothing", counts, report),
      failsWith("not_found", /nothing/),
    );
    await assert.rejects(store.datasets.begin("../x"), failsWith("invalid_argument", /dataset/));
  });

  test("list() gives all datasets by name, in pages", async (store) => {
    for (const name of ["c", "a", "b"]) await store.datasets.begin(name);
    const first = await store.datasets.list({ pageSize: 2 });
    const second = await store.datasets.list({ pageSize: 2, pageToken: first.nextPageToken });
    const names = [first, second].map(({ datasets }) => datasets.map(({ name }) => name).join(""));
    assert.deepEqual([...names, second.nextPageToken], ["ab", "c", ""]);
  });

  test("list() leaves out reports, which may be large", async (store) => {
    await store.datasets.begin("photos");
    const { report: whole, ...rest } = await store.datasets.finish("photos", counts, report);
    assert.deepEqual(whole, report);
    assert.deepEqual((await store.datasets.list()).datasets, [{ ...rest, report: undefined }]);
  });

  test("begin() refuses one dataset too many: of a client, unfinished, in all", async (store) => {
    const limits = { all: 5, unfinished: 3, unfinishedPerClient: 2 };
    const begin = (name: string, client: string) => store.datasets.begin(name, { client, limits });
    const refusal = (sentence: RegExp) => failsWith("resource_exhausted", sentence);
    await begin("a1", "ann");
    await begin("a2", "ann");
    await assert.rejects(
      begin("a3", "ann"),
      refusal(/2 datasets are unfinished of those you started/),
    );
    assert.equal((await begin("a2", "ann")).name, "a2", "one that was begun goes on");
    await begin("b1", "bob");
    await assert.rejects(begin("b2", "bob"), refusal(/3 datasets are unfinished, for all clients/));
    assert.equal((await begin("a1", "cy")).name, "a1", "whoever goes on with it");
    for (const name of ["a1", "a2", "b1"]) await store.datasets.finish(name, counts, report);
    for (const name of ["a3", "a4"]) await begin(name, "ann");
    await assert.rejects(begin("b2", "bob"), refusal(/5 uploaded datasets are on the server/));
    await store.datasets.delete("a1");
    await begin("b2", "bob");
    await store.datasets.begin("no-limits");
  });
}
