import assert from "assert";
import { failsWith } from "../../checkpoints/small_run.ts";
import type { Bench } from "./bench.ts";

const model = (name: string, step: number) => ({
  name,
  jobId: "job-1",
  step,
  path: `models/${name}/${step}`,
  sizeBytes: 200_000_000,
  details: { size: 256, psnr: 24.5 },
});

export function testModels({ test }: Bench): void {
  test("promote() counts the versions of each name", async (store, clock) => {
    const { model: first, created } = await store.models.promote(model("garden", 100));
    assert.equal(created, true);
    const createdAtMs = clock.nowMs;
    assert.deepEqual(first, { ...model("garden", 100), version: 1, createdAtMs });
    const { model: second } = await store.models.promote(model("garden", 200));
    assert.equal(second.version, 2);
    assert.equal((await store.models.promote(model("beach", 100))).model.version, 1);
    assert.deepEqual(await store.models.get("garden"), second);
    assert.deepEqual(await store.models.get("garden", 1), first);
  });

  test("promoting the same checkpoint again gives the same version", async (store) => {
    const promote = async (step: number) => {
      const { model: { version }, created } = await store.models.promote(model("garden", step));
      return [version, created];
    };
    assert.deepEqual(await promote(100), [1, true]);
    assert.deepEqual(await promote(100), [1, false]);
    assert.deepEqual(await promote(200), [2, true]);
    assert.deepEqual(await promote(100), [3, true], "an older one made the newest again");
  });

  test("at() gives the versions that lie at a path, the newest first", async (store) => {
    for (const step of [100, 200, 100]) await store.models.promote(model("garden", step));
    await store.models.promote(model("beach", 100));
    const versionsAt = async (path: string) =>
      (await store.models.at(path)).map(({ name, version }) => [name, version]);
    assert.deepEqual(await versionsAt("models/garden/100"), [["garden", 3], ["garden", 1]]);
    assert.deepEqual(await versionsAt("models/garden/300"), []);
    await store.models.delete("garden");
    assert.deepEqual(await versionsAt("models/garden/100"), []);
  });

  test("promotions that come together get different versions", async (store) => {
    const steps = Array.from({ length: 20 }, (_, index) => index);
    const made = await Promise.all(steps.map((step) => store.models.promote(model("m", step))));
    assert.deepEqual(made.map(({ model }) => model.version), steps.map((step) => step + 1));
  });

  test("a version number is never given twice, not even after delete()", async (store) => {
    await store.models.promote(model("garden", 100));
    await store.models.promote(model("garden", 200));
    const deleted = await store.models.delete("garden");
    assert.deepEqual(deleted.map(({ version, path }) => [version, path]), [
      [1, "models/garden/100"],
      [2, "models/garden/200"],
    ]);
    const missing = failsWith("not_found", /garden/);
    await assert.rejects(store.models.get("garden"), missing);
    await assert.rejects(store.models.delete("garden"), missing);
    assert.deepEqual((await store.models.list()).models, []);
    assert.equal((await store.models.promote(model("garden", 300))).model.version, 3);
    await assert.rejects(store.models.get("garden", 2), failsWith("not_found", /version 2/));
  });

  test("list() gives the newest version of every name, in pages", async (store) => {
    for (const name of ["c", "a", "b"]) await store.models.promote(model(name, 1));
    await store.models.promote(model("b", 2));
    const first = await store.models.list({ pageSize: 2 });
    assert.deepEqual(first.models.map(({ name, version }) => name + version), ["a1", "b2"]);
    const second = await store.models.list({ pageSize: 2, pageToken: first.nextPageToken });
    assert.deepEqual(second.models.map(({ name, version }) => name + version), ["c1"]);
    assert.equal(second.nextPageToken, "");
  });

  test("a model's name is fit for a file name", async (store) => {
    const refusal = failsWith("invalid_argument", /The name of a model must be a name/);
    for (const name of ["", "../x", "a/b", ".hidden", "x.", "a b", "ä", "a\0b", "x".repeat(65)]) {
      await assert.rejects(store.models.promote(model(name, 1)), refusal);
    }
    for (const name of ["x", "deoldify-v1.2_b", "7", "x".repeat(64)]) {
      assert.equal((await store.models.promote(model(name, 1))).model.name, name);
    }
  });
}
