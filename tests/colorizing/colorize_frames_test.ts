import assert from "assert";
import type { ServiceError } from "@grpc/grpc-js";
import { chromaAt, lightnessAt } from "../../src/hints/byte_colors.ts";
import type { ColorizeFramesRequest } from "../../src/protocol/generated/tinct/v1/colorize_frames_request.ts";
import { piecesOf } from "../../src/protocol/pieces.ts";
import { receive } from "../../src/protocol/receive.ts";
import { send } from "../../src/protocol/send.ts";
import { DrawnClip } from "../../src/scenes/drawn_clip.ts";
import { Flicker } from "../../src/video/flicker.ts";
import { TinctError } from "../../src/errors.ts";
import { ServiceClient } from "../../src/client/service_client.ts";
import { colorsOfServer, modelOfServer } from "../../src/video_files/frame_colors.ts";
import { inTime } from "../in_time.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { answer, describe, Scene } from "../service/scene.ts";
import type { StoreColorizing } from "../service/store_colorizing.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";
import { openWorkingScene } from "../service/working_scene.ts";

const model = { checkpoint: { jobId: "job-drawn" } };
/** Of frames that have 12 bytes. */
const settings = { model, width: 2, height: 2 };

interface Painting extends AsyncDisposable {
  readonly scene: Scene;
  readonly colorizing: StoreColorizing;
}

async function painting(paint: StoreColorizing["paint"], limits = {}): Promise<Painting> {
  let colorizing: StoreColorizing | undefined;
  const scene = await Scene.open(limits, (store) => {
    const workforce = new StoreWorkforce(store);
    colorizing = workforce.colorizing;
    colorizing.paint = paint;
    return Promise.resolve(workforce);
  });
  await drawnJob(scene.store, scene.folder.path);
  return {
    scene,
    colorizing: colorizing!,
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

/** Sends messages, and gives back the frames of the answers, which come in order. */
async function colorize(scene: Scene, messages: Iterable<ColorizeFramesRequest>) {
  const call = scene.colorization.colorizeFrames();
  const sending = (async () => {
    for (const message of messages) await send(call, message);
    call.end();
  })();
  sending.catch(() => {}); // the call's own error says more
  const frames: { readonly rgb: Buffer; readonly startsShot: boolean }[] = [];
  let pieces: Buffer[] = [];
  let startsShot = false;
  for await (const { frameNumber, frame, data, last } of receive(call)) {
    assert.equal(frameNumber, frames.length, "one after the other");
    assert.equal(frame !== null, pieces.length === 0, "`frame` is in the first piece");
    startsShot = frame?.startsShot ?? startsShot;
    pieces.push(data);
    if (!last) continue;
    frames.push({ rgb: Buffer.concat(pieces), startsShot });
    pieces = [];
  }
  return frames;
}

function* messagesOf(
  frames: Iterable<Uint8Array>,
  first: ColorizeFramesRequest["settings"] = settings,
): Generator<ColorizeFramesRequest> {
  yield { settings: first };
  for (const frame of frames) yield* piecesOf(frame);
}

const frameOf = (value: number, bytes = 12) => Buffer.alloc(bytes, value);

Deno.test("frames come back in their order, whole, whatever is done first, of one model", async () => {
  const models = new Set<string>();
  const done = Array.from({ length: 12 }, () => Promise.withResolvers<void>());
  let inWork = 0, most = 0;
  await using made = await painting(async (photo, { model, pixels }) => {
    models.add(JSON.stringify(model));
    assert.deepEqual(pixels, { width: 900, height: 700 });
    most = Math.max(most, ++inWork);
    const index = photo[0]!;
    if (index % 2 === 0) await done[index + 1]!.promise; // the later one is done before
    done[index]!.resolve();
    inWork--;
    return photo.map((value) => 255 - value);
  }, { maxPhotosPerCall: 3 });
  const bytes = 900 * 700 * 3; // more than a piece
  const values = done.map((_, index) => index);
  const large = { ...settings, width: 900, height: 700 };
  const frames = await colorize(
    made.scene,
    messagesOf(values.map((value) => frameOf(value, bytes)), large),
  );
  assert.deepEqual(
    frames.map(({ rgb }) => [rgb.length, rgb[0], rgb.at(-1)]),
    values.map((value) => [bytes, 255 - value, 255 - value]),
  );
  assert.ok(most > 1 && most <= 3, `${most} in work`);
  assert.equal(models.size, 1);
  assert.match([...models][0]!, /"checkpoint":6/, "the step that was newest when the call began");
  assert.equal(made.colorizing.endedVideos.size, 1);
});

Deno.test("a client that reads nothing is not served without end, and gets all once it reads", async () => {
  const total = 60;
  let painted = 0;
  await using made = await painting((photo) => (painted++, Promise.resolve(photo)));
  const call = made.scene.colorization.colorizeFrames();
  const size = { width: 512, height: 682 };
  const bytes = size.width * size.height * 3;
  call.write({ settings: { ...settings, ...size } });
  for (let index = 0; index < total; index++) {
    call.write({ data: frameOf(index, bytes), last: true });
  }
  call.end();
  const messages = receive(call);
  await messages.next();
  // What flows has had its turns when others have been answered, as in ColorizeStream's test.
  for (let before = -1; before !== painted || painted === 0;) {
    before = painted;
    for (let turn = 0; turn < 20; turn++) {
      await answer((back) => made.scene.health.check({ service: "" }, back));
    }
  }
  assert.ok(painted < total / 2, `${painted} frames were painted for nobody`);
  let got = 1;
  for await (const { last } of messages) got += Number(last);
  assert.deepEqual([got, painted], [total, total]);
});

const misuses: readonly [string, readonly ColorizeFramesRequest[], RegExp][] = [
  ["no settings", [{ data: frameOf(1), last: true }], /must have settings/],
  [
    "settings once more",
    [{ settings, data: frameOf(1), last: true }, { settings: { ...settings, width: 3 } }],
    /begin another call for other settings/,
  ],
  [
    "a frame that is smaller",
    [{ settings, data: frameOf(1), last: true }, { data: frameOf(2, 9), last: true }],
    /frame 1 has 9 bytes, and one of 2 x 2 pixels has 12.*another call for another size/,
  ],
  [
    "a frame that is larger",
    [{ settings, data: frameOf(1), last: true }, { data: frameOf(2, 15) }],
    /frame 1 has more than 12 bytes/,
  ],
  [
    "a frame that is cut",
    [{ settings, data: frameOf(1, 5) }],
    /in the middle of frame 0, with 5 of 12/,
  ],
  [
    "more than 4K",
    [{ settings: { ...settings, width: 4096, height: 2161 } }],
    /settings.height times width must be at most 8847360 pixels, not 4096 x 2161 = 8851456/,
  ],
  ["a longer side", [{ settings: { ...settings, width: 4097 } }], /width must be.* 1 to 4096/],
  [
    "a piece that is too large",
    [{ settings: { ...settings, width: 1000, height: 1000 }, data: frameOf(1, 2 ** 20 + 1) }],
    /A piece may have 1048576 bytes, not 1048577/,
  ],
  ["no model", [{ settings: { width: 2, height: 2 } }], /model/],
];

Deno.test("ColorizeFrames refuses what makes no sense, frames of another size and more than 4K", async (t) => {
  await using made = await painting((photo) => Promise.resolve(photo));
  for (const [what, messages, says] of misuses) {
    await t.step(what, async () => {
      await assert.rejects(colorize(made.scene, messages), (error: ServiceError) => {
        assert.equal(describe(error).code, "INVALID_ARGUMENT");
        assert.match(error.details, says);
        return true;
      });
    });
  }
  await t.step("4K itself is taken", async () => {
    const messages = messagesOf([frameOf(5, 4096 * 2160 * 3)], {
      ...settings,
      width: 4096,
      height: 2160,
    });
    const [frame] = await colorize(made.scene, messages);
    assert.equal(frame?.rgb.length, 4096 * 2160 * 3);
  });
});

Deno.test("a ColorizeFrames that is cancelled gives up its frames, and its video ends", async () => {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  await using made = await painting((_photo, _settings, signal) => {
    begun.resolve();
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => {
        aborted.resolve();
        reject(signal.reason);
      });
    });
  });
  const call = made.scene.colorization.colorizeFrames();
  call.on("error", () => {});
  for (const message of messagesOf([frameOf(1), frameOf(2)])) call.write(message);
  await inTime(begun.promise, "the first frame is in work");
  call.cancel();
  await inTime(aborted.promise, "it is given up");
  // Ending the call's generator comes after; other calls' turns let it.
  while (made.colorizing.endedVideos.size === 0) {
    await answer((back) => made.scene.health.check({ service: "" }, back));
  }
});

Deno.test("a client that waits for answers hears of the call's end, and learns what a model is now", async () => {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  await using made = await painting((photo) =>
    photo.length === 3 ? Promise.resolve(photo) : lost.promise
  );
  using client = new ServiceClient({ server: made.scene.server.address }, { token: undefined });
  const { signal } = new AbortController();
  const found = await modelOfServer(client, model, signal);
  assert.deepEqual([found.checkpoint?.jobId, found.checkpoint?.step], ["job-drawn", 7]);
  await assert.rejects(
    modelOfServer(client, { name: "nobody" }, signal),
    (error) => error instanceof TinctError && error.code === "not_found",
  );
  let [given, isReturned] = [0, false];
  async function* frames() {
    try {
      for (;; given++) {
        // More than may be sent without an answer: the client waits after it.
        if (given === 8) lost.reject(new TinctError("unavailable", "The worker was lost."));
        yield await Promise.resolve(frameOf(given));
      }
    } finally {
      isReturned = true;
    }
  }
  const colors = colorsOfServer(client, { model })(
    frames(),
    { width: 2, height: 2 },
    signal,
  );
  await assert.rejects(inTime(colors.next(), "the call ends"), /The worker was lost/);
  assert.deepEqual([given, isReturned], [8, true]);
});

Deno.test("a worker keeps the colours of a shot, and begins anew at a cut", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const jobId = await drawnJob(scene.store, scene.folder.path);
  const size = 48;
  const shotFrames = 16;
  const clip = new DrawnClip({ size, shotFrames });
  const given = Array.from({ length: 2 * shotFrames }, (_, index) => clip.frame(index).rgb);
  const wanted = { model: { checkpoint: { jobId } }, width: size, height: size, saturation: 4 };
  const each = await colorize(scene, messagesOf(given, { ...wanted, eachAlone: true }));
  const smooth = await colorize(scene, messagesOf(given, wanted));
  const cuts = smooth.flatMap(({ startsShot }, index) => startsShot ? [index] : []);
  assert.deepEqual(cuts, [0, shotFrames]);
  assert.ok(each.every(({ startsShot }) => !startsShot));
  for (const cut of cuts) assert.deepEqual(smooth[cut]!.rgb, each[cut]!.rgb, "no colour bleeds");
  const flicker = (frames: typeof each) => {
    const measured = new Flicker(size);
    for (let index = 1; index < frames.length; index++) {
      if (index === shotFrames) continue;
      measured.add(labOf(frames[index - 1]!.rgb, size), labOf(frames[index]!.rgb, size));
    }
    return measured.mean;
  };
  // How far it falls tests/video measures: a drawn model's faint colours waver little more than bytes do.
  const [before, after] = [flicker(each), flicker(smooth)];
  assert.ok(after < 0.95 * before, `${after} of ${before}`);
});

function labOf(rgb: Uint8Array, size: number) {
  const pixels = Array.from({ length: size * size }, (_, at) => 3 * at);
  return {
    L: Float32Array.from(pixels, (at) => lightnessAt(rgb, at)),
    ab: Float32Array.from(pixels.flatMap((at) => {
      const { a, b } = chromaAt(rgb, at);
      return [a, b];
    })),
  };
}
