import assert from "assert";
import type { ClientUnaryCall, ServiceError } from "@grpc/grpc-js";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { durationMsOf } from "../../src/protocol/times.ts";
import { inTime, PATIENCE_SECONDS } from "../in_time.ts";
import { emptyScans } from "../hostile/hostile_photos.ts";
import { processorMs, residentMib } from "../process_facts.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { describe, type Ending } from "../service/scene.ts";
import { openWorkingScene } from "../service/working_scene.ts";
import { endlessConfig, readPhoto } from "../service/workshop.ts";

/** As many photos as the server takes in. */
const PLACES = 6;
/** What the worker may compute until all places are free again, besides a pass through the model. */
const FREE_MS = 1000;
/** More are made where it took longer: what was cancelled may have been nearly done. */
const TRIES = 4;

/** A pass of four photos takes some hundred milliseconds. */
const config = { ...endlessConfig, size: 256, nDown: 8, ngf: 24 };

Deno.test("a Colorize that is cancelled in the queue, in the decoder or in the model leaves its place at once", async (t) => {
  await using working = await openWorkingScene({
    limits: { maxQueuedPhotos: PLACES, maxBatchSize: 4 },
  });
  const { scene } = working;
  const jobId = await drawnJob(scene.store, scene.folder.path, config);
  const model = { checkpoint: { jobId } };
  const photo = Buffer.from(await readPhoto("cat.jpg"));
  const { colorization } = scene;

  /** Begins to colorize a photo. */
  const begin = (image: Buffer) => {
    const ended = Promise.withResolvers<Ending<ColorizeResponse__Output>>();
    const take = (error: ServiceError | null, value?: ColorizeResponse__Output) =>
      ended.resolve(error ? { error: describe(error) } : { ok: value! });
    const call: ClientUnaryCall = colorization.colorize({ image, model, maxSide: 64 }, take);
    return { call, ended: ended.promise };
  };
  const codeOf = (ending: Ending<unknown>) => "ok" in ending ? "OK" : ending.error.code;
  /** Asks until all places are free. @returns how often. */
  const untilFree = async () => {
    const startedMs = performance.now();
    for (let rounds = 1;; rounds++) {
      const refusals = Array.from({ length: PLACES }, () => begin(Buffer.from("no photo")));
      const codes = (await Promise.all(refusals.map(({ ended }) => ended))).map(codeOf);
      if (codes.every((code) => code === "INVALID_ARGUMENT")) return rounds;
      assert.ok(codes.includes("RESOURCE_EXHAUSTED"), `${codes}`);
      assert.ok(performance.now() - startedMs < PATIENCE_SECONDS * 1000, "no places are free");
    }
  };
  // What the worker computes: how long that takes by the clock is up to what else the machine does.
  const clock = () => processorMs(working.workerPid());
  /** Has `cancel` cancel photos, and sees how soon their places are free, by what the worker computes. */
  const soon = async (cancel: () => Promise<number>, limitMs = FREE_MS) => {
    const times: number[] = [];
    for (let least = Infinity; times.length < TRIES && least >= limitMs;) {
      const passMs = await cancel();
      const cancelledMs = await clock();
      const rounds = await untilFree();
      const freeMs = await clock();
      await untilFree(); // once more, which shows what asking costs
      const took = freeMs - cancelledMs - rounds * (await clock() - freeMs);
      times.push(took);
      least = Math.min(least, took - passMs);
      if (least < limitMs) return;
    }
    assert.fail(`the places were free after ${times.map(Math.round)} ms, not ${limitMs}`);
  };

  await t.step("in the queue, while the worker is started", async () => {
    const waiting = Array.from({ length: PLACES }, () => begin(photo));
    const refused = await begin(photo).ended;
    assert.ok("error" in refused && refused.error.code === "RESOURCE_EXHAUSTED");
    assert.match(refused.error.message, /the limit is 6 /);
    assert.ok((refused.error.retryDelayMs ?? 0) > 0);
    for (const { call } of waiting.slice(2, 5)) call.cancel();
    const others = Array.from({ length: 3 }, () => begin(photo));
    const codes = (await Promise.all([...waiting, ...others].map(({ ended }) => ended))).map(
      codeOf,
    );
    assert.deepEqual(codes.slice(0, 6), ["OK", "OK", ...Array(3).fill("CANCELLED"), "OK"]);
    assert.deepEqual(codes.slice(6), ["OK", "OK", "OK"], "their places were taken at once");
  });

  await t.step("in the decoder", async () => {
    const large = emptyScans(99);
    const startedMs = await clock();
    const whole = await begin(large).ended;
    assert.ok("ok" in whole, codeOf(whole));
    const wholeMs = await clock() - startedMs;
    assert.ok(wholeMs > 300, `${wholeMs} ms`);
    await soon(
      async () => {
        // The least there was: what the photo before left behind may go back meanwhile.
        let least = await residentMib(working.workerPid());
        const { call, ended } = begin(large);
        let isOver = false;
        void ended.then(() => isOver = true);
        // The decoder keeps a number for each of 49 million pixels.
        for (let now = least; !isOver && now < least + 50;) {
          now = await residentMib(working.workerPid());
          least = Math.min(least, now);
        }
        call.cancel();
        assert.equal(codeOf(await ended), "CANCELLED");
        return 0;
      },
      Math.min(FREE_MS, wholeMs / 3),
    );
  });

  await t.step("in the model", async () => {
    await soon(async () => {
      const photos = Array.from({ length: PLACES }, () => begin(photo));
      // The first one goes alone, and those that came meanwhile share the next pass.
      const first = await Promise.any(photos.map(async ({ ended }) => {
        const ending = await ended;
        return "ok" in ending ? ending.ok : Promise.reject(new Error(ending.error.message));
      }));
      for (const { call } of photos) call.cancel();
      const codes = (await Promise.all(photos.map(({ ended }) => ended))).map(codeOf);
      assert.ok(codes.filter((code) => code === "CANCELLED").length >= 2, `${codes}`);
      return 4 * (durationMsOf(first.timings?.model) ?? 0);
    });
  });

  await t.step("a ColorizeStream in its middle", async () => {
    await soon(async () => {
      const call = colorization.colorizeStream();
      let isOver = false;
      const sending = (async () => {
        for (let index = 0; !isOver; index++) {
          const settings = index === 0 ? { settings: { model, maxSide: 64 } } : {};
          const message = { photoId: `${index}`, data: photo, last: true, ...settings };
          if (!call.write(message)) {
            const drained = new Promise((resolve) => call.once("drain", resolve));
            await inTime(drained, "the server takes more photos in");
          }
        }
      })();
      let results = 0;
      let error: unknown;
      try {
        for await (const { fault } of receive(call)) {
          assert.equal(fault, null);
          if (++results === 5) call.cancel();
        }
      } catch (thrown) {
        error = thrown;
      }
      isOver = true;
      call.emit("drain");
      await sending;
      assert.equal(describe(error as ServiceError).code, "CANCELLED");
      return 0;
    });
  });

  const pid = working.workerPid();
  assert.equal(codeOf(await begin(photo).ended), "OK");
  assert.equal(working.workerPid(), pid, "by the same worker");
});
