import assert from "assert";
import type { ServiceError } from "@grpc/grpc-js";
import { encodePhoto } from "../../src/images/encode.ts";
import type { ColorizeRequest } from "../../src/protocol/generated/tinct/v1/colorize_request.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import { until } from "../in_time.ts";
import { isAlive, processorMs } from "../process_facts.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { ending } from "../service/scene.ts";
import {
  openWorkingScene,
  type WorkingOptions,
  type WorkingScene,
} from "../service/working_scene.ts";
import { readPhoto } from "../service/workshop.ts";
import { Dice, emptyScans } from "./hostile_photos.ts";

/** Takes the answer of a call. */
type Answer = (error: ServiceError | null, value?: ColorizeResponse__Output) => void;

/** A server with a model, and how to colorize with it. */
async function openScene(limits: WorkingOptions["limits"]) {
  const working = await openWorkingScene({ limits: { ...limits } });
  const { scene } = working;
  const jobId = await drawnJob(scene.store, scene.folder.path);
  const { colorization } = scene;
  const begin = (image: Uint8Array, rest: ColorizeRequest, back: Answer) =>
    colorization.colorize({ image, model: { checkpoint: { jobId } }, ...rest }, back);
  const colorize = (image: Uint8Array, rest: ColorizeRequest = { maxSide: 32 }) =>
    ending<ColorizeResponse__Output>((back) => begin(image, rest, back));
  return { working, begin, colorize };
}

/**
 * The side of a photo that takes 7 s of processor time and more to encode as AVIF: work that nobody
 * waits for counts as stuck after two, and machines differ.
 */
const SLOW_SIDE = 3500;
const avif = { format: "IMAGE_FORMAT_AVIF", quality: 100 } as const;

/** A square photo of noise, which no encoder has an easy time with. */
async function noise(side: number): Promise<Uint8Array> {
  const rgb = new Uint8Array(side * side * 3);
  const dice = new Dice(1);
  const rolled = 2 ** 20 + 1;
  for (let at = 0; at < rolled; at++) rgb[at] = dice.roll(256);
  for (let at = rolled; at < rgb.length; at += rolled) rgb.copyWithin(at, 0, rolled);
  const photo = { width: side, height: side, rgb };
  return await encodePhoto(photo, { format: "jpeg", quality: 60, chroma: "4:2:0" });
}

/** Waits until another worker has taken over and the one before is gone. */
async function replaced(working: WorkingScene, pid: number): Promise<void> {
  const isReplaced = async () => working.workerPid() !== pid && !await isAlive(pid);
  await until(isReplaced, "a worker with work that nobody waits for is replaced, and ends");
}

Deno.test("photos that take too long to decode are refused in time, and keep no others waiting", async () => {
  const { working, colorize } = await openScene({ maxDecodeMs: 300 });
  await using _working = working;
  const good = await readPhoto("cat.jpg");
  const slow = emptyScans(99); // half a second of processor time and more
  assert.ok("ok" in await colorize(good));
  let painted = 0;
  for (let round = 0; round < 4; round++) {
    const [refused, other] = await Promise.all([colorize(slow), colorize(good)]);
    assert.ok("error" in refused, "it was decoded in time");
    // A machine that others fill may give neither its time: then nobody is told to mend a photo.
    if (refused.error.code === "INVALID_ARGUMENT") {
      assert.match(refused.error.message, /takes more than 0\.3 s of processor time to decode/);
    } else assert.equal(refused.error.code, "UNAVAILABLE");
    if ("ok" in other) painted++;
    else {
      assert.equal(other.error.code, "UNAVAILABLE", other.error.message);
      assert.match(other.error.message, /The machine is busy/);
      assert.ok((other.error.retryDelayMs ?? 0) > 0);
    }
  }
  assert.ok(painted >= 2, `${painted} of 4 others were painted meanwhile`);
});

Deno.test("a worker with encoding that nothing ends is replaced, and no photo of others is lost", async () => {
  const { working, colorize } = await openScene({ maxEncodeMs: 300 });
  await using _working = working;
  const good = await readPhoto("cat.jpg");
  assert.ok("ok" in await colorize(good));
  const pid = working.workerPid();
  const slow = colorize(await noise(SLOW_SIDE), avif);
  const others: string[] = [];
  let isOver = false;
  const watching = replaced(working, pid).finally(() => isOver = true);
  watching.catch(() => {}); // it is awaited below
  while (!isOver) {
    const other = await colorize(good);
    others.push("ok" in other ? "OK" : `${other.error.code}: ${other.error.message}`);
  }
  await watching;
  const refused = await slow;
  assert.ok("error" in refused, "it was encoded in time");
  // On a machine that others fill the clock's limit may come first.
  if (refused.error.code === "INVALID_ARGUMENT") {
    assert.match(
      refused.error.message,
      /3500 x 3500 pixels, takes more than 0\.3 s of processor time to encode as avif/,
    );
  } else assert.match(refused.error.message, /^The machine is busy/);
  const wrong = others.filter((end) =>
    end !== "OK" && !/^UNAVAILABLE: The machine is busy/.test(end)
  );
  assert.deepEqual(wrong, []);
  assert.ok(others.includes("OK"));
  assert.ok("ok" in await colorize(good), "by the new one");
});

Deno.test("encoding ends when nobody waits for it any more", async () => {
  const { working, colorize, begin } = await openScene({});
  await using _working = working;
  assert.ok("ok" in await colorize(await readPhoto("cat.jpg")));
  const pid = working.workerPid();
  const image = await noise(SLOW_SIDE);
  // As JPEG it takes what decoding and painting do; the first time, what compiling does, too.
  const asJpeg = { format: "IMAGE_FORMAT_JPEG", quality: 1 } as const;
  const compiled = await colorize(image, asJpeg);
  const startMs = await processorMs(pid);
  const painted = await colorize(image, asJpeg);
  for (const each of [compiled, painted]) {
    assert.ok("ok" in each, "error" in each ? each.error.message : "");
  }
  const beforeMs = await processorMs(pid);
  let isAnswered = false;
  const back = () => isAnswered = true;
  const call = begin(image, avif, back);
  await until(
    async () => isAnswered || await processorMs(pid) >= beforeMs + (beforeMs - startMs) + 1000,
    "the photo is being encoded",
  );
  assert.equal(isAnswered, false, "it was encoded before it could be cancelled");
  call.cancel();
  await replaced(working, pid);
});
