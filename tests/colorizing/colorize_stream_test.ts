import assert from "assert";
import { readFile, writeFile } from "node:fs/promises";
import type { ServiceError } from "@grpc/grpc-js";
import { TinctError } from "../../src/errors.ts";
import type { ColorizeStreamRequest } from "../../src/protocol/generated/tinct/v1/colorize_stream_request.ts";
import { MAX_PIECE_BYTES, piecesOf } from "../../src/protocol/pieces.ts";
import { receive } from "../../src/protocol/receive.ts";
import { send } from "../../src/protocol/send.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, describe, Scene } from "../service/scene.ts";
import type { StoreColorizing } from "../service/store_colorizing.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";

const settings = { model: { checkpoint: { jobId: "job-a" } } };

async function painting(paint: StoreColorizing["paint"], limits = {}): Promise<Scene> {
  const scene = await Scene.open(limits, (store) => {
    const workforce = new StoreWorkforce(store);
    workforce.colorizing.paint = paint;
    return Promise.resolve(workforce);
  });
  await jobIn(scene.store, "job-a", "RUNNING");
  return scene;
}

/** Sends messages and gives back, for every photo, its bytes or the code of its fault. */
async function colorize(scene: Scene, messages: readonly ColorizeStreamRequest[]) {
  const call = scene.colorization.colorizeStream();
  const sending = (async () => {
    for (const message of messages) await send(call, message);
    call.end();
  })();
  sending.catch(() => {}); // the call's own error says more
  const results = new Map<string, Buffer | number>();
  let open: string | undefined;
  for await (const { photoId, photo, data, last, fault } of receive(call)) {
    assert.ok(data.length <= MAX_PIECE_BYTES);
    assert.ok(open === undefined || open === photoId, "results do not mix");
    assert.equal(photo === null && fault === null, open !== undefined, "`photo` is in the first");
    const before = results.get(photoId) ?? Buffer.alloc(0);
    results.set(photoId, fault ? fault.code : Buffer.concat([before as Buffer, data]));
    open = last ? undefined : photoId;
  }
  return results;
}

function pieces(photoId: string, file: Uint8Array, rest = {}): ColorizeStreamRequest[] {
  return [...piecesOf(file)].map((piece, index) => ({
    photoId,
    ...piece,
    ...(index === 0 && rest),
  }));
}

Deno.test("photos of any size come back whole, and a bad one leaves the others alone", async () => {
  await using scene = await painting((photo) =>
    photo[0] === 66
      ? Promise.reject(new TinctError("invalid_argument", "This is no photo."))
      : Promise.resolve(Buffer.from(photo.map((value) => 255 - value)))
  );
  const large = Buffer.alloc(3 * MAX_PIECE_BYTES + 17, 3);
  const results = await colorize(scene, [
    ...pieces("small", Buffer.from([1, 2]), { settings }),
    ...pieces("bad", Buffer.from("B")),
    ...pieces("large", large),
    ...pieces("empty", Buffer.alloc(0)),
    ...pieces("other", Buffer.from([9]), { settings: { ...settings, saturation: 9 } }),
    ...pieces("last", Buffer.from([7])),
  ]);
  assert.deepEqual(results.get("small"), Buffer.from([254, 253]));
  assert.deepEqual(results.get("large"), Buffer.alloc(large.length, 252));
  assert.deepEqual(results.get("last"), Buffer.from([248]));
  assert.deepEqual(["bad", "empty", "other"].map((id) => results.get(id)), [3, 3, 3]);
});

Deno.test("a photo's id is free again after its answer, and no more photos are in work than allowed", async () => {
  let inWork = 0, most = 0;
  await using scene = await painting(async (photo) => {
    most = Math.max(most, ++inWork);
    await new Promise((resolve) => setImmediate(resolve));
    inWork--;
    return photo;
  }, { maxPhotosPerCall: 3 });
  const messages = Array.from(
    { length: 20 },
    (_, index) => pieces(`photo ${index}`, Buffer.from([index]), index === 0 ? { settings } : {}),
  ).flat();
  const results = await colorize(scene, messages);
  assert.equal(results.size, 20);
  assert.ok(most > 1 && most <= 3, `${most} in work`);
});

Deno.test("files that come with a photo's first piece are whole when the photo is", async () => {
  const seen: (readonly [strokes: number | undefined, reference: number | undefined])[] = [];
  await using scene = await painting((photo, { strokes, reference }) => {
    seen.push([strokes?.length, reference?.length]);
    return Promise.resolve(photo);
  });
  for (const photo of [Buffer.alloc(200_000, 1), Buffer.alloc(2 * MAX_PIECE_BYTES + 5, 2)]) {
    for (const files of [{ strokes: Buffer.alloc(50_000) }, { reference: Buffer.alloc(60_000) }]) {
      const results = await colorize(
        scene,
        pieces("a", photo, { settings: { ...settings, ...files } }),
      );
      const found = results.get("a");
      assert.ok(Buffer.isBuffer(found) && found.equals(photo));
    }
  }
  const once = [[50_000, undefined], [undefined, 60_000]];
  assert.deepEqual(seen, [...once, ...once]);
});

Deno.test("a client that reads nothing is not served without end, and gets all once it reads", async () => {
  const total = 150;
  let painted = 0;
  await using scene = await painting((photo) => (painted++, Promise.resolve(photo)));
  const call = scene.colorization.colorizeStream();
  const photo = Buffer.alloc(MAX_PIECE_BYTES);
  for (let index = 0; index < total; index++) {
    const first = index === 0 ? { settings } : {};
    call.write({ photoId: `${index}`, data: photo, last: true, ...first });
  }
  call.end();
  // grpc-js begins to hold the server up with the first message that it hands out.
  const messages = receive(call);
  await messages.next();
  // The server is of this process, and answers others in turn: what flows has had its turns by then.
  // Not so many of them that it ends the call, as of a client that reads nothing for too long.
  for (let before = -1; before !== painted || painted === 0;) {
    before = painted;
    for (let turn = 0; turn < 20; turn++) {
      await answer((back) => scene.health.check({ service: "" }, back));
    }
  }
  assert.ok(painted < total / 2, `${painted} photos were painted for nobody`);
  let got = 1;
  for await (const { last } of messages) got += Number(last);
  assert.deepEqual([got, painted], [total, total]);
});

const misuses: readonly [string, readonly ColorizeStreamRequest[], RegExp][] = [
  ["no settings", pieces("a", Buffer.from("x")), /must have settings/],
  ["no id", pieces("", Buffer.from("x"), { settings }), /1 to 200 characters/],
  [
    "a cut photo",
    [{ photoId: "a", settings, data: Buffer.from("x") }],
    /in the middle of photo "a"/,
  ],
  [
    "mixed photos",
    [{ photoId: "a", settings, data: Buffer.from("x") }, { photoId: "b", last: true }],
    /photo "b" began before the last piece of photo "a"/,
  ],
  [
    "settings in the middle",
    [{ photoId: "a", settings }, { photoId: "a", settings, last: true }],
    /first piece/,
  ],
];

Deno.test("ColorizeStream refuses messages in an order that makes no sense", async (t) => {
  await using scene = await painting((photo) => Promise.resolve(photo));
  for (const [what, messages, says] of misuses) {
    await t.step(what, async () => {
      await assert.rejects(colorize(scene, messages), (error: ServiceError) => {
        assert.equal(describe(error).code, "INVALID_ARGUMENT");
        assert.match(error.details, says);
        return true;
      });
    });
  }
});

Deno.test("tinct colorize --server writes what the server gives, and names what it refuses", async () => {
  await using scene = await painting((photo) =>
    photo[3] === 66
      ? Promise.reject(new TinctError("invalid_argument", "This is no photo."))
      : Promise.resolve(photo)
  );
  const large = Buffer.alloc(MAX_PIECE_BYTES + 5, 1);
  large.set([0xff, 0xd8, 0xff]); // a JPEG by its beginning
  await writeFile(scene.join("good.jpg"), large);
  await writeFile(scene.join("bad.jpg"), Buffer.from([0xff, 0xd8, 0xff, 66]));
  const { code, stdout, stderr } = await runTinct([
    ...["colorize", "--server", scene.server.address, "--model", "job-a", "--format", "png"],
    ...["--out", scene.join("out"), scene.join("bad.jpg"), scene.join("good.jpg")],
  ]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /bad\.jpg: This is no photo\.\nColorized 1 of 2 photos in .*; 1 failed\.\n$/,
  );
  assert.match(stdout, /^\[\d\/2\] \S+good\.jpg → \S+out\/good\.png \(\d+ x \d+, [\d.]+ s\)\n$/);
  assert.deepEqual(await readFile(scene.join("out", "good.png")), large);
});
