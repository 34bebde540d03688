import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import type { ServiceError } from "@grpc/grpc-js";
import sharp from "sharp";
import type { NewEvent } from "../../src/jobs/job_event.ts";
import type { StreamMetricsRequest } from "../../src/protocol/generated/tinct/v1/stream_metrics_request.ts";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { receive } from "../../src/protocol/receive.ts";
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
