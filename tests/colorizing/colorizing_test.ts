import assert from "assert";
import process from "node:process";
import { TinctError } from "../../src/errors.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { readPhoto, smallConfig, Workshop } from "../service/workshop.ts";

const model = { jobId: "job" } as const;

Deno.test("photos are colorized with a job's checkpoint by one worker that stays", async (t) => {
  await using workshop = await Workshop.open({ maxQueuedPhotos: 12 });
  const { colorizing } = workshop;
  await assert.rejects(
    colorizing.colorize(await readPhoto("cat.jpg"), { model }),
    (error: TinctError) => error.code === "not_found",
  );
  await workshop.submit("job");
  await workshop.history("job");
  const cat = await readPhoto("cat.jpg");

  await t.step("in the photo's own size and format", async () => {
    const { width, height } = await decodePhoto(cat);
    const made = await colorizing.colorize(cat, { model });
    assert.deepEqual([made.width, made.height, made.format], [width, height, "IMAGE_FORMAT_JPEG"]);
    assert.deepEqual(made.model, { jobId: "job", step: 6, folder: made.model.folder });
    const decoded = await decodePhoto(made.image);
    assert.deepEqual([decoded.width, decoded.height, decoded.format], [width, height, "jpeg"]);
  });

  await t.step("in the size and format that was asked for", async () => {
    const made = await colorizing.colorize(cat, { model, format: "IMAGE_FORMAT_PNG", maxSide: 48 });
    const decoded = await decodePhoto(made.image);
    assert.equal(decoded.format, "png");
    assert.equal(Math.max(decoded.width, decoded.height), 48);
  });

  await t.step("with the moving average where there is one, or the weights asked for", async () => {
    await workshop.submit("averaged", { ...smallConfig, emaDecay: 0.9 });
    await workshop.history("averaged");
    const paint = (weights?: "ema" | "raw") =>
      colorizing.colorize(cat, {
        model: { jobId: "averaged", weights },
        format: "IMAGE_FORMAT_PNG",
        saturation: 4,
        maxSide: 48,
      });
    const [unchosen, ema, raw] = [await paint(), await paint("ema"), await paint("raw")];
    assert.deepEqual([unchosen.weights, ema.weights, raw.weights], ["ema", "ema", "raw"]);
    assert.deepEqual(unchosen.image, ema.image);
    assert.notDeepEqual(raw.image, ema.image);
    assert.equal((await colorizing.colorize(cat, { model, maxSide: 48 })).weights, "raw");
    await assert.rejects(
      colorizing.colorize(cat, { model: { ...model, weights: "ema" } }),
      (error: TinctError) => error.code === "failed_precondition",
    );
  });

  await t.step("what is no photo is refused, and leaves the worker alone", async () => {
    const pid = workshop.workerPid();
    const text = new TextEncoder().encode("no photo at all");
    await assert.rejects(
      colorizing.colorize(text, { model }),
      (error: TinctError) => error.code === "invalid_argument",
    );
    await colorizing.colorize(cat, { model, maxSide: 32 });
    assert.equal(workshop.workerPid(), pid);
  });

  await t.step("past the limit photos are refused; a cancelled one is gone at once", async () => {
    const cancelled = new AbortController();
    const photos = Array.from(
      { length: 13 },
      (_, index) =>
        colorizing.colorize(cat, { model, maxSide: 64 }, {
          signal: index === 5 ? cancelled.signal : undefined,
        }),
    );
    cancelled.abort(new Error("enough"));
    const settled = await Promise.allSettled(photos);
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 11);
    const [sixth, last] = [settled[5], settled[12]];
    assert.equal(sixth?.status === "rejected" && sixth.reason.message, "enough");
    assert.equal(last?.status === "rejected" && last.reason.code, "resource_exhausted");
  });

  await t.step("a worker that is killed comes back, and the photo is colorized", async () => {
    const pid = workshop.workerPid();
    const photo = colorizing.colorize(cat, { model });
    process.kill(pid, "SIGKILL");
    assert.equal((await photo).format, "IMAGE_FORMAT_JPEG");
    assert.notEqual(workshop.workerPid(), pid);
  });
});

Deno.test("a worker that only inspects reports a dataset's photos", async () => {
  await using workshop = await Workshop.open();
  const report = await workshop.workbench.inspect(workshop.folder.join("scenes"));
  const { photos, usablePhotos, grayPhotos, brokenPhotos, minSide, maxSide } = report;
  assert.deepEqual({ photos, usablePhotos, grayPhotos, brokenPhotos, minSide, maxSide }, {
    photos: 8,
    usablePhotos: 8,
    grayPhotos: 0,
    brokenPhotos: 0,
    minSide: 32,
    maxSide: 32,
  });
});
