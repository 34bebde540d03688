import assert from "assert";
import { cp, rm } from "node:fs/promises";
import process from "node:process";
import type { TinctError } from "../../src/errors.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime, until } from "../in_time.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { readPhoto, Workshop } from "../service/workshop.ts";

/** Little memory for photos in work: most of them ask for their part of it. */
const limits = { maxWorkBytes: 16 * 2 ** 20, maxQueuedPhotos: 16 };
const names = ["cat.jpg", "coffee.png", "rocket.jpg"] as const;

/** Process ids of the workers to colorize, in the order of their starts. */
const pids = ({ log }: Workshop) =>
  log.filter(({ message }) => message === "A worker to colorize starts.")
    .map(({ fields }) => Number(fields?.["pid"]));

/** How many photos each worker has, by its place. */
const inWork = ({ colorizing }: Workshop) =>
  Object.fromEntries(colorizing.workers().map(({ index, photos }) => [index, photos]));

Deno.test("two workers share photos, and one that is killed takes only its own with it", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using workshop = await Workshop.open(limits, folder, { colorizeDevices: ["cpu", "cpu"] });
  const jobId = await drawnJob(workshop.store, workshop.folder.path);
  const { colorizing } = workshop;
  const photos = await Promise.all(names.map(readPhoto));
  const model = { jobId };
  const colorize = (index: number, client: string) =>
    colorizing.colorize(photos[index % photos.length]!, {
      model,
      format: "IMAGE_FORMAT_PNG",
      maxSide: 128,
    }, { client });
  const first = await colorize(0, "one");

  await t.step(
    "photos that come one after the other stay with the worker that has the model",
    async () => {
      for (let index = 0; index < 3; index++) await colorize(index, "one");
      assert.deepEqual(colorizing.workers().map(({ index, models }) => [index, models]), [[0, 1]]);
      assert.ok(colorizing.isLoaded(first.model.folder));
    },
  );

  const ends = new Map<string, number>();
  /** Eight clients, each of which colorizes until it is told to stop. */
  const clients = (isOver: () => boolean) =>
    Promise.all(Array.from({ length: 8 }, async (_, client) => {
      for (let index = client; !isOver(); index++) {
        const end = await colorize(index, `client ${client}`).then(
          ({ image }) => image.byteLength > 0 ? "OK" : "empty",
          (error: TinctError) => error.code,
        );
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }
    }));

  await t.step(
    "with more at a time both have the model and photos",
    async () => {
      let isOver = false;
      const working = clients(() => isOver);
      const bothWork = () => inWork(workshop)[0] !== undefined && (inWork(workshop)[1] ?? 0) > 0;
      await until(bothWork, "the second worker has photos");
      isOver = true;
      await working;
      assert.deepEqual([...ends.keys()], ["OK"]);
      assert.equal(pids(workshop).length, 2);
      assert.deepEqual(colorizing.workers().map(({ models }) => models), [1, 1]);
    },
  );

  await t.step(
    "one is killed again and again; the other one works on, and nothing waits in vain",
    async () => {
      ends.clear();
      const [stays, dies] = pids(workshop);
      let isOver = false;
      const working = clients(() => isOver);
      await until(() => (inWork(workshop)[1] ?? 0) > 0, "it has photos");
      process.kill(dies!, "SIGKILL");
      await until(() => pids(workshop).length === 3, "another one starts in its place");
      await until(() => (inWork(workshop)[1] ?? 0) > 0, "which has photos");
      process.kill(pids(workshop)[2]!, "SIGKILL");
      await until(() => pids(workshop).length === 4, "another one starts in its place, too");
      await until(() => (inWork(workshop)[1] ?? 0) > 0, "which has photos");
      isOver = true;
      await inTime(working, "all photos are answered");
      // Those that were with the first are tried again one by one; the one that was with both is lost.
      assert.ok((ends.get("unavailable") ?? 0) <= 1, JSON.stringify([...ends]));
      assert.deepEqual([...ends.keys()].filter((end) => !["OK", "unavailable"].includes(end)), []);
      assert.ok(ends.get("OK")! > 8);
      process.kill(stays!, 0); // throws where it is gone
      const alike = await colorize(0, "one");
      assert.deepEqual(alike.image, first.image, "whichever worker it was");
    },
  );

  await t.step("a model that is unloaded goes from both, and the next photo loads it", async () => {
    colorizing.unload(first.model.folder);
    assert.ok(!colorizing.isLoaded(first.model.folder));
    assert.deepEqual(colorizing.workers().map(({ models }) => models), [0, 0]);
    await colorize(1, "one");
    assert.deepEqual(colorizing.workers().map(({ models }) => models).sort(), [0, 1]);
  });

  await t.step(
    "a named model is looked for once a photo, and again where it has gone",
    async () => {
      const { store: { models }, folder } = workshop;
      const promote = async (name: string) => {
        const path = `models/${name}/a`;
        await cp(first.model.folder, folder.join(path), { recursive: true });
        await models.promote({ name, jobId, step: 6, sizeBytes: 7, details: {}, path });
        return path;
      };
      await promote("kept");
      const gone = await promote("gone");
      const get = models.get.bind(models);
      let asked = 0;
      using owner = new DisposableStack();
      owner.defer(() => models.get = get);
      models.get = async (name, version) => {
        asked++;
        const found = await get(name, version);
        if (name !== "gone") return found;
        await models.delete(name);
        await rm(folder.join(gone), { recursive: true });
        return found;
      };
      const photo = photos[0]!;
      const { model } = await colorizing.colorize(photo, { model: { name: "kept" }, maxSide: 64 });
      assert.deepEqual([model, asked], [
        { name: "kept", version: 1, folder: folder.join("models/kept/a") },
        1,
      ]);
      await assert.rejects(
        colorizing.colorize(photo, { model: { name: "gone" } }),
        failsWith("not_found", /no model gone, version 1/),
      );
      assert.equal(asked, 3);
    },
  );

  await t.step("the limit of photos counts those of both", async () => {
    const all = Array.from(
      { length: limits.maxQueuedPhotos + 3 },
      (_, index) => colorize(index, "one").then(() => "OK", (error: TinctError) => error.kind),
    );
    const made = await inTime(Promise.all(all), "all are answered");
    assert.equal(made.filter((end) => end === "QUEUE_FULL").length, 3);
    assert.equal(made.filter((end) => end === "OK").length, limits.maxQueuedPhotos);
  });

  await t.step("a stop finishes what both have", async () => {
    const last = Array.from({ length: 6 }, (_, index) => colorize(index, `client ${index}`));
    await workshop.workforce.drain({ timeoutMs: 60_000 });
    assert.equal((await Promise.all(last)).length, 6);
    assert.deepEqual(colorizing.workers(), []);
  });
});
