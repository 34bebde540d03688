import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import type { ServiceError } from "@grpc/grpc-js";
import sharp from "sharp";
import type { NewEvent } from "../../src/jobs/job_event.ts";
import type { StreamMetricsRequest } from "../../src/protocol/generated/tinct/v1/stream_metrics_request.ts";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { LossDigest } from "../../src/server/loss_digest.ts";
import { jobIn } from "../jobs/small_job.ts";
import { describe, Scene } from "../service/scene.ts";

const losses = (step: number, timeMs = step * 1000): NewEvent => ({
  kind: "losses",
  payload: { step, lossDFake: 0.25, lossDReal: 0.5, lossGL1: step / 2 },
  timeMs,
});
const heartbeat: NewEvent = { kind: "heartbeat", payload: { progress: { step: 5 } } };

/** Watches to the end. */
async function watch(
  scene: Scene,
  request: StreamMetricsRequest = {},
): Promise<StreamMetricsResponse__Output[]> {
  const all: StreamMetricsResponse__Output[] = [];
  const call = scene.colorization.streamMetrics({ jobId: "job-a", ...request });
  for await (const message of receive(call)) all.push(message);
  return all;
}

const sequences = (messages: readonly StreamMetricsResponse__Output[]) =>
  messages.map(({ sequence }) => sequence);
const kinds = (messages: readonly StreamMetricsResponse__Output[]) =>
  messages.map(({ event }) => event);

Deno.test("a watcher gets the past, then the present, each event once, and the end", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  await scene.store.events.append("job-a", [1, 2, 3].map((step) => losses(step)));
  const watchers = [watch(scene), watch(scene, { fromSequence: 4 }), watch(scene)];
  for (const step of [4, 5, 6, 7]) await scene.store.events.append("job-a", [losses(step)]);
  await scene.store.jobs.trigger("job-a", "succeeded");
  const [all = [], later = []] = await Promise.all(watchers);
  assert.deepEqual(sequences(all), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(sequences(later), [4, 5, 6, 7, 8, 9, 10]);
  assert.equal(all.at(-1)?.state?.to, "JOB_STATE_SUCCEEDED");
  assert.equal(all[2]?.losses?.lossDFake, 0.25);
  assert.equal(all[2]?.time?.seconds, 1);
  assert.deepEqual(sequences(await watch(scene, { fromSequence: 10 })), [10]);
  assert.deepEqual(await watch(scene, { fromSequence: 11 }), []);
});

Deno.test("a watcher gets the kinds it chose, and the states", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  await scene.store.events.append("job-a", [losses(1), heartbeat, losses(2)]);
  await scene.store.jobs.trigger("job-a", "succeeded");
  const seen = await watch(scene, { kinds: ["EVENT_KIND_HEARTBEAT"] });
  assert.deepEqual(kinds(seen), ["state", "state", "heartbeat", "state"]);
});

Deno.test("min_interval leaves out losses, keeps the newest before the end, and the order", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  const events = Array.from({ length: 25 }, (_, index) => losses(index + 1));
  await scene.store.events.append("job-a", events);
  await scene.store.jobs.trigger("job-a", "succeeded");
  const seen = await watch(scene, { minInterval: { seconds: 10 } });
  assert.deepEqual(seen.flatMap((each) => each.losses?.step ?? []), [1, 11, 21, 25]);
  assert.deepEqual(sequences(seen), sequences(seen).toSorted((a, b) => a - b));
});

Deno.test("max_image_pixels scales a sample down to the mean of its pixels", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  const [width, height] = [90, 64];
  // Any symmetric filter gives a slope's own mean.
  const raw = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return x + y + 40 * c;
  });
  const png = await sharp(raw, { raw: { width, height, channels: 3 } })
    .png({ adaptiveFiltering: true }).toBuffer();
  await mkdir(scene.join("jobs", "job-a"), { recursive: true });
  await writeFile(scene.join("jobs", "job-a", "sheet.png"), png);
  const path = "jobs/job-a/sheet.png";
  const sample = { path, step: 3, format: "IMAGE_FORMAT_PNG", width, height, photos: 2 };
  await scene.store.events.append("job-a", [{ kind: "sample", payload: sample }]);
  await scene.store.jobs.trigger("job-a", "succeeded");
  const whole = (await watch(scene)).find(({ event }) => event === "sample")?.sample;
  assert.deepEqual(whole?.image, png);
  const small = (await watch(scene, { maxImagePixels: 1500 }))
    .find(({ event }) => event === "sample")?.sample;
  assert.ok(small);
  assert.deepEqual([small.width, small.height], [45, 32]);
  assert.deepEqual([small.originalWidth, small.originalHeight], [width, height]);
  const decoded = await sharp(small.image).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([decoded.info.width, decoded.info.height, decoded.info.channels], [45, 32, 3]);
  const at = (x: number, y: number, c: number) => raw[(y * width + x) * 3 + c] ?? NaN;
  for (const [x, y, c] of [[1, 1, 0], [43, 30, 2], [7, 20, 1]] as const) {
    const sum = at(2 * x, 2 * y, c) + at(2 * x + 1, 2 * y, c) + at(2 * x, 2 * y + 1, c) +
      at(2 * x + 1, 2 * y + 1, c);
    // Scaling rounds twice, once across and once down.
    assert.ok(Math.abs((decoded.data[(y * 45 + x) * 3 + c] ?? NaN) - sum / 4) <= 1);
  }
});

Deno.test("a slow watcher is told what it missed, and never of states", async () => {
  await using scene = await Scene.open({ maxWatcherBacklog: 10 });
  await jobIn(scene.store, "job-a", "RUNNING");
  const call = scene.colorization.streamMetrics({ jobId: "job-a" });
  const messages = receive(call);
  await messages.next(); // it has begun, and reads no further for now
  const text = "x".repeat(2000);
  for (let round = 0; round < 60; round++) {
    const events = Array.from({ length: 50 }, (_, index): NewEvent => ({
      kind: "losses",
      payload: { step: round * 50 + index + 1 },
    }));
    await scene.store.events.append("job-a", events);
  }
  const filler = { kind: "log", payload: { level: "LOG_LEVEL_INFO", message: text } } as const;
  for (let line = 0; line < 200; line++) await scene.store.events.append("job-a", [filler]);
  await scene.store.jobs.trigger("job-a", "succeeded");
  const rest: StreamMetricsResponse__Output[] = [];
  for await (const message of messages) rest.push(message);
  const left = rest.reduce((sum, { dropped }) => sum + (dropped?.losses ?? 0), 0);
  const got = rest.filter(({ event }) => event === "losses").length;
  assert.ok(left > 0, "nothing was left out");
  assert.equal(left + got, 3000, "what is missing is told");
  assert.equal(rest.filter(({ event }) => event === "log").length, 200);
  assert.equal(rest.at(-1)?.state?.to, "JOB_STATE_SUCCEEDED");
});

const refusals: readonly [string, StreamMetricsRequest, string, string[]][] = [
  ["no job", { jobId: "job-none" }, "NOT_FOUND", []],
  ["no id", { jobId: "" }, "INVALID_ARGUMENT", ["job_id"]],
  ["the future", { fromSequence: 4 }, "INVALID_ARGUMENT", ["from_sequence"]],
  ["a kind that is none", { kinds: [0] }, "INVALID_ARGUMENT", ["kinds[0]"]],
  ["a kind twice", { kinds: [2, 2] }, "INVALID_ARGUMENT", ["kinds"]],
  ["pictures too small", { maxImagePixels: 10 }, "INVALID_ARGUMENT", ["max_image_pixels"]],
  ["a long interval", { minInterval: { seconds: 3601 } }, "INVALID_ARGUMENT", ["min_interval"]],
];

Deno.test("StreamMetrics refuses what makes no sense, by field", async (t) => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  for (const [what, request, code, fields] of refusals) {
    await t.step(what, async () => {
      await assert.rejects(watch(scene, request), (error: ServiceError) => {
        const described = describe(error);
        assert.deepEqual([described.code, described.fields], [code, fields], described.message);
        return true;
      });
    });
  }
});

Deno.test("a watcher who wants few points gets the past's extremes, then every loss that follows", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  const spike = 1777;
  const past = Array.from({ length: 3000 }, (_, index): NewEvent => {
    const step = index + 1;
    return {
      kind: "losses",
      payload: { step, epoch: step / 100, lossGL1: step === spike ? 99 : 2 },
      timeMs: step * 1000,
    };
  });
  await scene.store.events.append("job-a", [heartbeat, ...past, heartbeat]);
  const request = { fromSequence: 0, maxLossPoints: 100 };
  const watchers = [watch(scene, request), watch(scene, request)];
  await scene.store.events.append("job-a", [losses(3001), losses(3002)]);
  await scene.store.jobs.trigger("job-a", "succeeded");
  for (const all of await Promise.all(watchers)) {
    const history = all.find(({ event }) => event === "history")?.history;
    assert(history);
    const events = Number(history.events) + kinds(all).filter((kind) => kind === "losses").length;
    assert.equal(events, 3002, "every loss is told once, in the history or after it");
    assert(history.steps.length <= 100 && history.steps.length >= 45, `${history.steps.length}`);
    const l1 = history.series.find(({ name }) => name === "loss_g_l1");
    const at = l1?.greatest.indexOf(99) ?? -1;
    assert(at > 0, "the spike of one step stays");
    assert(Number(history.steps[at - 1]) < spike && Number(history.steps[at]) >= spike);
    assert.equal(Math.min(...l1?.least ?? []), 2);
    assert.equal(history.seconds.at(-1), Number(history.steps.at(-1)) - 1);
    assert(kinds(all).filter((kind) => kind === "heartbeat").length <= 2);
    const order = sequences(all);
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
    assert.equal(all.at(-1)?.state?.to, "JOB_STATE_SUCCEEDED");
  }
});

Deno.test("points end where an attempt ends, since the next repeats its steps", () => {
  const digest = new LossDigest();
  const add = (step: number, attempt: number) =>
    digest.add({
      kind: "losses",
      attempt,
      sequence: step,
      timeMs: step,
      payload: { step, lossGL1: step },
    });
  for (let step = 1; step <= 25; step++) add(step, 1);
  for (let step = 21; step <= 40; step++) add(step, 2);
  const history = digest.history(10);
  assert.deepEqual(history?.steps, [5, 10, 15, 20, 25, 25, 30, 35, 40]);
  assert.deepEqual(history?.series?.[0]?.means, [3, 8, 13, 18, 23, 23, 28, 33, 38]);
});

Deno.test("pictures can be left out of sample events", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  await mkdir(scene.join("jobs"), { recursive: true });
  const file = await sharp({ create: { width: 64, height: 32, channels: 3, background: "red" } })
    .png().toBuffer();
  await writeFile(scene.join("jobs", "a.png"), file);
  const payload = { step: 1, path: "jobs/a.png", format: "IMAGE_FORMAT_PNG" };
  const size = { sizeBytes: file.byteLength, width: 64, height: 32, photos: 1 };
  await scene.store.events.append("job-a", [{ kind: "sample", payload: { ...payload, ...size } }]);
  await scene.store.jobs.trigger("job-a", "succeeded");
  const imageOf = async (request: StreamMetricsRequest) =>
    (await watch(scene, request)).find(({ sample }) => sample)?.sample?.image.byteLength;
  assert.equal(await imageOf({ omitImages: true }), 0);
  assert.equal(await imageOf({ omitImages: true, maxLossPoints: 10 }), 0);
  assert.equal(await imageOf({}), file.byteLength);
});
