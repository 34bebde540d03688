import assert from "assert";
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { TinctError } from "../../src/errors.ts";
import { scaleSheet } from "../../src/images/scale_sheet.ts";
import type { Picture, SheetToScale } from "../../src/fleet/sheet_scaler.ts";
import { SamplePictures, type WantedPicture } from "../../src/server/sample_pictures.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const never = new AbortController().signal;
const noScaling = () => Promise.reject(new Error("nothing is to be scaled"));

/** A picture file of 8 x 8, said to have so many bytes. */
async function wantedIn(folder: TemporaryFolder, sizeBytes: number): Promise<WantedPicture> {
  const path = folder.join("sheet.png");
  const raw = { width: 8, height: 8, channels: 3 } as const;
  await writeFile(path, await sharp(new Uint8Array(192), { raw }).png().toBuffer());
  return { event: "job-a 5", path, sizeBytes, width: 8, height: 8, maxPixels: Infinity };
}

/** Sends a picture when its turn comes. @returns whether it came. */
async function deliver(
  pictures: SamplePictures,
  wanted: WantedPicture,
  send: (picture: Picture | undefined) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  using turn = await pictures.turn(wanted, signal);
  if (turn === undefined) return false;
  await send(turn.picture);
  return true;
}

/** A delivery that goes on until it is told to end. */
function begin(pictures: SamplePictures, wanted: WantedPicture, signal = never) {
  const begun = Promise.withResolvers<Picture | undefined>();
  const end = Promise.withResolvers<void>();
  let isSending = false;
  const delivered = deliver(pictures, wanted, (picture) => {
    isSending = true;
    begun.resolve(picture);
    return end.promise;
  }, signal);
  return { delivered, begun: begun.promise, end: end.resolve, isSending: () => isSending };
}

Deno.test("only so many bytes of pictures are on their way; the others wait in order", async () => {
  await using folder = await TemporaryFolder.create();
  const wanted = await wantedIn(folder, 40);
  const pictures = new SamplePictures(noScaling, { maxBytes: 100, maxWaitMs: 60_000 });
  const [first, second, third, fourth] = [40, 40, 60, 10].map((sizeBytes) =>
    begin(pictures, { ...wanted, sizeBytes })
  );
  const picture = await first!.begun;
  assert.equal(await second!.begun, picture, "it is read once for both");
  first!.end();
  assert.equal(await first!.delivered, true);
  await third!.begun;
  assert.equal(fourth!.isSending(), false);
  second!.end();
  await fourth!.begun;
  third!.end();
  fourth!.end();
  assert.deepEqual(await Promise.all([second!.delivered, third!.delivered, fourth!.delivered]), [
    true,
    true,
    true,
  ]);
});

Deno.test("a picture without room in time is left out; one whose watcher goes takes no room", async () => {
  await using folder = await TemporaryFolder.create();
  const wanted = await wantedIn(folder, 100);
  const pictures = new SamplePictures(noScaling, { maxBytes: 100, maxWaitMs: 1 });
  const first = begin(pictures, wanted);
  await first.begun;
  assert.equal(await begin(pictures, wanted).delivered, false);
  const gone = AbortSignal.abort(new Error("gone"));
  await assert.rejects(begin(pictures, wanted, gone).delivered, /gone/);
  first.end();
  await first.delivered;
  const broken = deliver(pictures, wanted, () => Promise.reject(new Error("cut")), never);
  await assert.rejects(broken, /cut/);
  const last = begin(pictures, { ...wanted, path: folder.join("none.png"), event: "job-a 6" });
  assert.equal(await last.begun, undefined, "its file is gone");
  last.end();
  assert.equal(await last.delivered, true);
});

Deno.test("a sheet is scaled once for all whose sizes are alike, and each gets no more than it asked for", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("large.png");
  const raw = { width: 1200, height: 900, channels: 3 } as const;
  await writeFile(path, await sharp(new Uint8Array(1200 * 900 * 3), { raw }).png().toBuffer());
  const scaled: SheetToScale[] = [];
  const pictures = new SamplePictures(({ path, ...limits }) => {
    scaled.push({ path, ...limits });
    return scaleSheet(path, limits);
  });
  const wanted = { event: "job-a 7", path, sizeBytes: 4000, width: 1200, height: 900 };
  const sizes = Array.from({ length: 100 }, (_, index) => 1024 + 9973 * index);
  const got = new Map<number, Picture>();
  const ask = (maxPixels: number) =>
    deliver(pictures, { ...wanted, maxPixels }, (picture) => {
      if (picture) got.set(maxPixels, picture);
      return Promise.resolve();
    }, never);
  assert.ok((await Promise.all(sizes.map(ask))).every((isSent) => isSent));
  for (const [maxPixels, { width, height }] of got) {
    assert.ok(width * height <= maxPixels, `${width}x${height} for ${maxPixels}`);
    // The next factor is at most twice as large, and sides are rounded down.
    const most = (2 * (width + 1)) * (2 * (height + 1));
    assert.ok(most > maxPixels, `${width}x${height} for ${maxPixels}`);
  }
  assert.equal(got.size, sizes.length);
  const factors = scaled.map(({ factor }) => factor).sort((a, b) => a - b);
  assert.deepEqual(factors, [2, 3, 4, 6, 8, 12, 48], "once each");
  assert.equal(await ask(1024), true);
  assert.equal(scaled.length, factors.length, "one that comes later gets what was kept");
});

Deno.test("a sheet that cannot be scaled for now is left out; one that is damaged is told", async () => {
  await using folder = await TemporaryFolder.create();
  const wanted = { ...await wantedIn(folder, 200), maxPixels: 16 };
  const failing = (code: "unavailable" | "resource_exhausted" | "data_loss") =>
    deliver(
      new SamplePictures(() => Promise.reject(new TinctError(code, "It went wrong."))),
      wanted,
      () => Promise.reject(new Error("nothing is to be sent")),
      never,
    );
  assert.equal(await failing("unavailable"), false);
  assert.equal(await failing("resource_exhausted"), false);
  await assert.rejects(failing("data_loss"), { code: "data_loss" });
});

Deno.test("scaling ends when no watcher waits for it any more, and begins anew for the next", async () => {
  await using folder = await TemporaryFolder.create();
  const wanted = { ...await wantedIn(folder, 200), maxPixels: 16 };
  const signals: (AbortSignal | undefined)[] = [];
  const begun = Promise.withResolvers<void>();
  const pictures = new SamplePictures(({ path, ...limits }, { signal } = {}) => {
    signals.push(signal);
    if (signals.length > 1) return scaleSheet(path, limits);
    begun.resolve();
    return new Promise((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason))
    );
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const sent: (Picture | undefined)[] = [];
  const ask = (signal: AbortSignal) =>
    deliver(pictures, wanted, (picture) => Promise.resolve(void sent.push(picture)), signal);
  const both = [one, other].map(({ signal }) => assert.rejects(ask(signal), /gone/));
  await begun.promise;
  one.abort(new Error("gone"));
  await both[0];
  assert.equal(signals[0]?.aborted, false, "the other one waits still");
  other.abort(new Error("gone"));
  await both[1];
  assert.equal(signals[0]?.aborted, true);
  assert.equal(await ask(never), true);
  assert.deepEqual([sent[0]?.width, sent[0]?.height], [4, 4]);
});
