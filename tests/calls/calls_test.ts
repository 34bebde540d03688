import assert from "assert";
import { once } from "node:events";
import type { ServiceError } from "@grpc/grpc-js";
import { TinctError } from "../../src/errors.ts";
import type { ColorizeInPiecesResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_in_pieces_response.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { durationMsOf } from "../../src/protocol/times.ts";
import { requireRuntime } from "../../src/server/runtime.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, describe, ending, Scene } from "../service/scene.ts";
import type { StoreColorizing } from "../service/store_colorizing.ts";
import { StoreWorkforce, unforeseen } from "../service/store_workforce.ts";

const image = Buffer.from("photo");
const model = { checkpoint: { jobId: "job-a" } };

/** A server whose photos are painted by `paint`. */
async function painting(paint: StoreColorizing["paint"], settings = {}): Promise<Scene> {
  const scene = await Scene.open(settings, (store) => {
    const workforce = new StoreWorkforce(store);
    workforce.colorizing.paint = paint;
    return Promise.resolve(workforce);
  });
  await jobIn(scene.store, "job-a", "RUNNING");
  return scene;
}

Deno.test("an unforeseen error reaches the client as INTERNAL with a reference to the log alone", async () => {
  await using scene = await painting(() => Promise.reject(unforeseen()));
  const result = await ending((back) => scene.colorization.colorize({ image, model }, back));
  assert.ok("error" in result);
  assert.equal(result.error.code, "INTERNAL");
  assert.doesNotMatch(result.error.message, /secret/);
  const reference = /reference ([0-9a-f]{10})/.exec(result.error.message)?.[1] ?? "none";
  assert.equal(scene.logged.length, 1, "once");
  const line = JSON.parse(scene.logged[0] ?? "");
  assert.equal(line.reference, reference);
  assert.equal(line.method, "/tinct.v1.ColorizationService/Colorize");
  assert.match(line.error, /a secret of the server[^]*Caused by: TinctError: deeper/);
});

Deno.test("a result past the limit of an answer is refused and points to ColorizeStream", async () => {
  await using scene = await painting(() => Promise.resolve(Buffer.alloc(4 * 2 ** 20)));
  const result = await ending((back) => scene.colorization.colorize({ image, model }, back));
  assert.ok("error" in result);
  assert.equal(result.error.code, "RESOURCE_EXHAUSTED");
  assert.match(result.error.message, /4\.0 MiB.*ColorizeStream or ColorizeInPieces/);
});

Deno.test("ColorizeInPieces brings a result of any size, told of in the first piece alone", async () => {
  const picture = Buffer.alloc(5 * 2 ** 20 + 7, "pieces of a picture");
  await using scene = await painting(() => Promise.resolve(picture));
  const call = scene.colorization.colorizeInPieces({ image, settings: { model } });
  const pieces: ColorizeInPiecesResponse__Output[] = [];
  for await (const piece of receive(call)) pieces.push(piece);
  assert.equal(Number(pieces[0]?.photo?.sizeBytes), picture.length);
  assert.equal(pieces.filter(({ photo }) => photo !== null).length, 1);
  assert(pieces.every(({ data }) => data.length <= 2 ** 20));
  assert(Buffer.concat(pieces.map(({ data }) => data)).equals(picture));
});

Deno.test("ColorizeInPieces names what is wrong with the photo and with its settings at once", async () => {
  await using scene = await painting(() => Promise.resolve(Buffer.alloc(1)));
  const settings = { model, removeCast: true, reference: image, quality: 400 };
  const call = scene.colorization.colorizeInPieces({ settings });
  const refusal = await receive(call)[Symbol.asyncIterator]().next().then(
    () => assert.fail("it was not refused"),
    describe,
  );
  const fields = ["image", "settings.quality", "settings.remove_cast"];
  assert.deepEqual(refusal.fields.toSorted(), fields);
});

Deno.test("the timings of an answer add up to its total", async () => {
  await using scene = await painting((photo) => Promise.resolve(photo));
  const { timings, image: painted, model: used } = await answer<ColorizeResponse__Output>((back) =>
    scene.colorization.colorize({ image, model }, back)
  );
  assert.deepEqual(painted, image);
  assert.equal(used?.weights, "GENERATOR_WEIGHTS_EMA"); // those of which the supervisor told
  const { queue, decode, model: inModel, encode, total } = timings ?? {};
  const parts = [queue, decode, inModel, encode].map((part) => durationMsOf(part) ?? NaN);
  const sum = parts.reduce((all, part) => all + part, 0);
  // Each part is rounded to a nanosecond.
  assert.ok(Math.abs(sum - (durationMsOf(total) ?? NaN)) < 1e-5, `${parts} do not make ${sum}`);
  assert.deepEqual(parts.slice(1), [2, 3, 4]);
});

Deno.test("a client that gives up ends the work on its photo", async () => {
  const begun = Promise.withResolvers<void>();
  const reason = Promise.withResolvers<unknown>();
  await using scene = await painting((_photo, _settings, signal) => {
    begun.resolve();
    signal?.addEventListener("abort", () => reason.resolve(signal.reason));
    return new Promise(() => {});
  });
  let end: (error: ServiceError | null) => void = () => {};
  const ended = new Promise<ServiceError | null>((resolve) => end = resolve);
  const call = scene.colorization.colorize({ image, model }, (error) => end(error));
  await begun.promise;
  call.cancel();
  failsWith("cancelled", /gave up/)(await reason.promise);
  assert.equal(describe(await ended as ServiceError).code, "CANCELLED");
});

Deno.test("a call without a deadline gets the server's", async () => {
  await using scene = await painting(() => new Promise(() => {}), { deadlineSeconds: 1 });
  const result = await ending((back) => scene.colorization.colorize({ image, model }, back));
  assert.ok("error" in result);
  assert.equal(result.error.code, "DEADLINE_EXCEEDED");
});

Deno.test("a deadline of the client's ends the work with that reason", async () => {
  const reason = Promise.withResolvers<unknown>();
  await using scene = await painting((_photo, _settings, signal) => {
    signal?.addEventListener("abort", () => reason.resolve(signal.reason));
    return new Promise(() => {});
  });
  const deadline = Date.now() + 300;
  const result = await ending((back) =>
    scene.colorization.colorize({ image, model }, { deadline }, back)
  );
  assert.ok("error" in result && result.error.code === "DEADLINE_EXCEEDED");
  failsWith("deadline_exceeded")(await reason.promise);
});

Deno.test("a server that stops: health says so, jobs go back, streams end with UNAVAILABLE", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  const watch = scene.health.watch({ service: "tinct.v1.ModelService" });
  const seen: unknown[] = [];
  watch.on("data", ({ status }) => seen.push(status));
  const watched = once(watch, "error");
  await once(watch, "metadata");
  const call = scene.colorization.streamMetrics({ jobId: "job-a" });
  const states: unknown[] = [];
  const first = Promise.withResolvers<void>();
  const ended = once(call, "error");
  call.on("data", ({ state }: StreamMetricsResponse__Output) => {
    states.push(state?.to);
    if (states.length === 2) first.resolve();
  });
  await first.promise;
  await scene.server.stop({ timeoutMs: 5000 });
  const error = describe((await ended)[0]);
  assert.equal(error.code, "UNAVAILABLE");
  assert.match(error.message, /stopping/);
  assert.equal(error.retryDelayMs, 1000);
  assert.deepEqual(states, ["JOB_STATE_QUEUED", "JOB_STATE_RUNNING", "JOB_STATE_QUEUED"]);
  assert.equal(describe((await watched)[0]).code, "UNAVAILABLE");
  assert.deepEqual(seen, ["SERVING", "NOT_SERVING"]);
  const { state } = await scene.store.jobs.get("job-a");
  assert.equal(state, "QUEUED");
  await scene.server.stop(); // twice is the same as once
});

Deno.test("runtimes that a client can abort are refused", () => {
  requireRuntime("2.9.3");
  for (const bad of ["2.9.4", "2.9.5", "2.9.6"]) {
    assert.throws(
      () => requireRuntime(bad),
      failsWith("failed_precondition", /can abort the server/),
    );
  }
  for (const other of ["2.10.0", "1.46.3", undefined]) {
    assert.throws(() => requireRuntime(other), (error) => error instanceof TinctError);
  }
});
