import assert from "assert";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { status as codes } from "@grpc/grpc-js";
import { parseServiceSettings } from "../../src/config/service.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { decodeWithSquare } from "../../src/images/photo_with_square.ts";
import type { ColorizeStreamRequest } from "../../src/protocol/generated/tinct/v1/colorize_stream_request.ts";
import { piecesOf } from "../../src/protocol/pieces.ts";
import { receive } from "../../src/protocol/receive.ts";
import { send } from "../../src/protocol/send.ts";
import { inTime } from "../in_time.ts";
import { residentMib } from "../process_facts.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { openWorkingScene, type WorkingScene } from "../service/working_scene.ts";
import { readPhoto } from "../service/workshop.ts";
import { blackPng, claiming, Dice, emptyScans, png, spoil } from "./hostile_photos.ts";
import { bodiesByFormat, spoilMetadata, tellingPhotos } from "./metadata_photos.ts";

/** More by `deno test -A tests/hostile/photos_test.ts -- 20000`. */
const FUZZED = Number(Deno.args[0] ?? 2000);
/**
 * A refusal may take so many times what decoding coffee.png takes at that moment, 6 ms of an idle core:
 * the slowest of 2,000 took 10 times as long, on a machine with other work too.
 */
const MAX_REFUSAL_TIMES = 25;
/** Of so many spoiled photos that are refused one is decoded here as well, to see how long it takes. */
const REFUSALS_A_MEASUREMENT = 5;
/** The worker gives a photo 5 s to be decoded. */
const MAX_ANSWER_MS = 6000;

/** What became of a photo: "OK", or the name of its fault's code and its message. */
interface Fate {
  readonly code: string;
  readonly message: string;
  /** From when the server took it in, at the earliest. */
  readonly milliseconds: number;
}

/** Sends photos through the real worker, by ColorizeStream. */
async function fates(working: WorkingScene, jobId: string, photos: readonly Uint8Array[]) {
  const settings = { model: { checkpoint: { jobId } }, maxSide: 32 };
  const call = working.scene.colorization.colorizeStream();
  const sending = (async () => {
    for (const [index, photo] of photos.entries()) {
      let first = true;
      for (const piece of piecesOf(photo)) {
        const message: ColorizeStreamRequest = { photoId: `${index}`, ...piece };
        await send(call, first ? { ...message, settings } : message);
        first = false;
      }
    }
    call.end();
  })();
  sending.catch(() => {}); // the call's own error says more
  const found: Fate[] = [];
  // The server takes one in when all but three of those before it are answered.
  const { maxPhotosPerCall } = parseServiceSettings({});
  const timesMs: number[] = Array(maxPhotosPerCall).fill(performance.now());
  const answers = receive(call);
  while (true) {
    const next = inTime(answers.next(), `photo ${found.length} of ${photos.length} is answered`);
    const { done, value } = await next;
    if (done) break;
    const { photoId, fault, last } = value;
    if (!last) continue;
    const code = fault ? codes[fault.code] ?? `${fault.code}` : "OK";
    const milliseconds = performance.now() - timesMs[Number(photoId)]!;
    timesMs.push(performance.now());
    found[Number(photoId)] = { code, message: fault?.message ?? "", milliseconds };
  }
  return found;
}

/** The most that it ever was. */
async function peakMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** How long decoding with the worker's limits takes now, by the clock and of all threads together. */
async function decodingMs(photo: Uint8Array, end: "fulfilled" | "rejected"): Promise<number> {
  const limits = { maxPixels: 50e6, maxSide: 20_000, fitWithin: 32 };
  const startedMs = performance.now();
  const usedBefore = process.cpuUsage();
  const decoding = decodeWithSquare(photo, 32, limits);
  const ends = await Promise.allSettled([decoding.square, decoding.photo]);
  assert.ok(ends.some(({ status }) => status === end), `it was not ${end}`);
  const { user, system } = process.cpuUsage(usedBefore);
  return Math.min(performance.now() - startedMs, (user + system) / 1000);
}

/** Holds that a photo is refused fast. @returns how many times as long it took as a good one. */
async function refusedFast(photo: Uint8Array, good: Uint8Array, what: string): Promise<number> {
  let best = Infinity;
  for (let tries = 0; tries < 7 && best >= MAX_REFUSAL_TIMES; tries++) {
    const refusalMs = await decodingMs(photo, "rejected");
    best = Math.min(best, refusalMs / await decodingMs(good, "fulfilled"));
  }
  assert.ok(best < MAX_REFUSAL_TIMES, `${what} took ${best.toFixed(1)} times as long as a photo`);
  return best;
}

/** Files that are refused, and what is said of them. */
async function refused(): Promise<readonly (readonly [string, Uint8Array, RegExp])[]> {
  const cat = Buffer.from(await readPhoto("cat.jpg"));
  const coffee = Buffer.from(await readPhoto("coffee.png"));
  const tiny = Buffer.from(
    await encodePhoto({ width: 1, height: 1, rgb: new Uint8Array(3) }, { format: "jpeg" }),
  );
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image ' +
    'href="file:///etc/hostname" width="9" height="9"/></svg>';
  const noise = Buffer.alloc(5000);
  const dice = new Dice(3);
  for (let at = 0; at < noise.length; at++) noise[at] = dice.roll(256);
  return [
    ["a black PNG of 8000 x 8000", blackPng(8000), /claims 8000 x 8000 = 64,000,000 pixels/],
    ["a tiny JPEG that claims 20000 x 20000", claiming(tiny, 20_000, 20_000), /claims 20000 x/],
    ["a side past 20,000", claiming(tiny, 20_001, 1), /20,000 a side/],
    ["a PNG that claims 2^31 - 1 a side", png(2 ** 31 - 1, 2 ** 31 - 1, Buffer.alloc(9)), /./],
    ["a PNG of 0 x 0", png(0, 0, Buffer.alloc(9)), /damaged|claims/],
    ["a JPEG of 0 x 0", claiming(cat, 0, 0), /damaged|claims/],
    ["a PNG without pixels", png(4000, 4000, Buffer.alloc(0)), /damaged/],
    ["a JPEG of 5,000 empty scans", emptyScans(5000), /more than 100 scans/],
    ["a JPEG that is cut short", cat.subarray(0, cat.length / 2), /damaged or cut short/],
    ["a PNG that is cut short", coffee.subarray(0, 100_000), /damaged or cut short/],
    ["only a JPEG's first bytes", cat.subarray(0, 4), /./],
    ["noise", noise, /./],
    ["noise after a JPEG's first bytes", Buffer.concat([cat.subarray(0, 3), noise]), /./],
    ["an SVG that names a file", Buffer.from(svg), /./],
    ["an SVG with an XML head", Buffer.from(`<?xml version="1.0"?>${svg}`), /./],
    ["a PDF", Buffer.from("%PDF-1.7\n1 0 obj\n"), /./],
    ["a page that a browser would run", Buffer.from("<html><script>1</script></html>"), /./],
    ["a script before a JPEG", Buffer.concat([Buffer.from("#!/bin/sh\n"), cat]), /./],
    ["an archive with a JPEG behind", Buffer.concat([Buffer.from("PK\x03\x04"), cat]), /./],
  ];
}

Deno.test("hostile photos are refused fast, and the worker stays as it is", async (t) => {
  await using working = await openWorkingScene();
  const { scene: { store, folder } } = working;
  const jobId = await drawnJob(store, folder.path);
  const good = await readPhoto("cat.jpg");
  const yardstick = await readPhoto("coffee.png");
  assert.deepEqual((await fates(working, jobId, [good])).map(({ code }) => code), ["OK"]);
  const pid = working.workerPid();
  const beforeMib = await residentMib(pid);

  for (const [what, photo, says] of await refused()) {
    await t.step(what, async () => {
      const [fate] = await fates(working, jobId, [photo]);
      assert.ok(fate);
      assert.equal(fate.code, "INVALID_ARGUMENT", fate.message);
      assert.match(fate.message, says);
      await refusedFast(photo, yardstick, what);
    });
  }

  await t.step("a JPEG with an archive behind it is the JPEG", async () => {
    const polyglot = Buffer.concat([good, Buffer.from("PK\x03\x04"), Buffer.alloc(1000)]);
    assert.deepEqual((await fates(working, jobId, [polyglot]))[0]?.code, "OK");
  });

  await t.step("and none of them was decoded", async () => {
    // 8000 x 8000 pixels are 183 MiB as RGB, 20000 x 20000 more than 1 GiB.
    const grown = await peakMib(pid) - beforeMib;
    assert.ok(grown < 120, `the worker grew by ${grown.toFixed(0)} MiB at its peak`);
  });

  await t.step("every format's magic before every other's body", async () => {
    const bodies = await bodiesByFormat();
    const chimeras = bodies.flatMap((head) =>
      bodies.filter((body) => body !== head).map((body) => ({
        what: `${body.name} that begins as ${head.name}`,
        file: Buffer.concat([
          head.file.subarray(0, head.magicBytes),
          body.file.subarray(body.magicBytes),
        ]),
        // What stands before a photo's first bytes hides it; a head alone makes no photo of a drawing.
        isPhoto: head.isPhoto && body.isPhoto,
      }))
    );
    const found = await fates(working, jobId, chimeras.map(({ file }) => file));
    for (const [index, { what, file, isPhoto }] of chimeras.entries()) {
      const { code, message } = found[index]!;
      assert.match(code, isPhoto ? /^(?:OK|INVALID_ARGUMENT)$/ : /^INVALID_ARGUMENT$/, what);
      assert.doesNotMatch(message, /\/|SVG loader|rsvg/i, what);
      if (code !== "OK") await refusedFast(file, yardstick, what);
    }
    assert.ok(chimeras.length > 150, `${chimeras.length}`);
  });

  await t.step(`${FUZZED} spoiled photos: each is painted or refused`, async () => {
    const names = ["cat.jpg", "alpha.png", "pixel.webp", "scan.tiff", "cmyk.jpg", "rgb16_icc.png"];
    const plain = await Promise.all(names.map(readPhoto));
    // Every second one says something of itself, and is spoiled there.
    const telling = await tellingPhotos();
    const photos = plain.flatMap((photo, at) => [photo, telling[at % telling.length]!]);
    const dice = new Dice(1);
    const memory: number[] = [];
    const counts: Record<string, number> = {};
    let [slowestMs, slowestRefusal] = [0, 0];
    await fates(working, jobId, Array(16).fill(good)); // compiles passes of several photos
    const rounds = 4;
    for (let round = 0; round < rounds; round++) {
      const spoiled = Array.from(
        { length: FUZZED / rounds },
        (_, index) => {
          const photo = photos[index % photos.length]!;
          return index % 2 === 0 ? spoil(photo, dice) : spoilMetadata(photo, dice);
        },
      );
      const found = await fates(working, jobId, spoiled);
      assert.equal(found.length, spoiled.length);
      memory.push(await residentMib(pid));
      for (const [index, { code, message, milliseconds }] of found.entries()) {
        const what = `photo ${index} of round ${round}`;
        assert.match(code, /^(?:OK|INVALID_ARGUMENT)$/, `${what}: ${message}`);
        counts[code] = (counts[code] ?? 0) + 1;
        slowestMs = Math.max(slowestMs, milliseconds);
        if (code === "OK" || counts[code] % REFUSALS_A_MEASUREMENT !== 0) continue;
        const took = await refusedFast(spoiled[index]!, yardstick, what);
        slowestRefusal = Math.max(slowestRefusal, took);
      }
    }
    const report = `${JSON.stringify(counts)}; the slowest answer ${slowestMs.toFixed(0)} ms, ` +
      `refusal ${slowestRefusal.toFixed(1)} photos; MiB after each round: ${
        memory.map(Math.round)
      }`;
    assert.ok(Math.min(...Object.values(counts)) > FUZZED / 10, report);
    assert.ok(slowestMs < MAX_ANSWER_MS, report);
    const grown = memory.at(-1)! - memory[0]!;
    // Up to 38 MiB, and no more of 8,000 photos: 50 KB that each of them left would come to 73.
    assert.ok(grown < 64, report);
  });

  await t.step("by one and the same worker", async () => {
    assert.equal(working.workerPid(), pid, JSON.stringify(working.log));
    assert.deepEqual((await fates(working, jobId, [good]))[0]?.code, "OK");
  });

  await t.step("what kills the worker kills nothing else, and it comes back", async () => {
    process.kill(pid, "SIGKILL");
    assert.deepEqual((await fates(working, jobId, [good]))[0]?.code, "OK");
    assert.notEqual(working.workerPid(), pid);
  });
});
