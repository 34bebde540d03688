/**
 * Measures how fast a folder of photos is prepared for training:
 *
 *     deno run -A bench/prepare.ts [--photos 600] [--rounds 3] [--size 256] [--limit 200] [--concurrency 6]
 *
 * Writes that many JPEG photos of 640x480, quality 90, to a temporary folder, prepares them anew in
 * every round, and once more from what is there. Prints a line of JSON and one for people; exits with
 * 1 when the median of the rounds is below the limit, photos a second.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { parseArgs } from "node:util";
import { encodePhoto } from "../src/images/encode.ts";
import { preparePhotos } from "../src/prepared/prepare_photos.ts";
import { RandomStream } from "../src/prepared/random_stream.ts";

const WIDTH = 640;
const HEIGHT = 480;
/** So many different ones are drawn; the others are copies. */
const DIFFERENT = 24;

/**
 * A picture with about the spectrum of a photo, and so about its size as a JPEG: noise that weakens
 * from octave to octave, in lightness and, coarser, in color, and the grain of a sensor.
 */
function drawPhoto(index: number): Uint8Array {
  const random = new RandomStream(`bench photo ${index}`);
  const lightness = cloud(random, [4, 8, 16, 32, 64, 128, 256]);
  const red = cloud(random, [3, 6, 12, 24]);
  const blue = cloud(random, [3, 6, 12, 24]);
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
    const grain = (random.next() / 2 ** 32 - 0.5) * 14;
    const value = 128 + 90 * lightness[pixel]! + grain;
    rgb[pixel * 3] = clamp(value + 70 * red[pixel]!);
    rgb[pixel * 3 + 1] = clamp(value);
    rgb[pixel * 3 + 2] = clamp(value + 70 * blue[pixel]!);
  }
  return rgb;
}

/** Smooth noise of several cell counts across the picture, each weaker than the one before. */
function cloud(random: RandomStream, cellCounts: readonly number[]): Float32Array {
  const sum = new Float32Array(WIDTH * HEIGHT);
  cellCounts.forEach((cells, octave) => {
    const side = cells + 2;
    const knots = Float32Array.from({ length: side * side }, () => random.next() / 2 ** 31 - 1);
    for (let pixel = 0; pixel < sum.length; pixel++) {
      const x = ((pixel % WIDTH) / WIDTH) * cells;
      const y = (Math.floor(pixel / WIDTH) / WIDTH) * cells;
      const at = Math.floor(y) * side + Math.floor(x);
      const [right, down] = [x % 1, y % 1];
      const upper = knots[at]! * (1 - right) + knots[at + 1]! * right;
      const lower = knots[at + side]! * (1 - right) + knots[at + side + 1]! * right;
      sum[pixel]! += (upper * (1 - down) + lower * down) * 0.6 ** octave;
    }
  });
  return sum;
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, value));
}

/** Fills a folder with photos and returns how many bytes one has on average. */
async function writePhotos(folder: string, count: number): Promise<number> {
  let bytes = 0;
  for (let first = 0; first < Math.min(count, DIFFERENT); first++) {
    const picture = { width: WIDTH, height: HEIGHT, rgb: drawPhoto(first) };
    const file = await encodePhoto(picture, { format: "jpeg", quality: 90, chroma: "4:2:0" });
    for (let index = first; index < count; index += DIFFERENT) {
      await writeFile(join(folder, `${String(index).padStart(6, "0")}.jpg`), file);
      bytes += file.length;
    }
  }
  return bytes / count;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const { values: flags } = parseArgs({
  options: {
    photos: { type: "string", default: "600" },
    rounds: { type: "string", default: "3" },
    size: { type: "string", default: "256" },
    limit: { type: "string", default: "200" },
    concurrency: { type: "string" },
  },
});
const [count, rounds, size, limit] = [flags.photos, flags.rounds, flags.size, flags.limit].map(
  Number,
);
const concurrency = flags.concurrency === undefined ? undefined : Number(flags.concurrency);
const workplace = await mkdtemp(join(tmpdir(), "tinct-bench-"));
try {
  const folder = join(workplace, "photos");
  await mkdir(folder);
  const bytesPerPhoto = await writePhotos(folder, count!);
  const perSecond: number[] = [];
  const cpuMs: number[] = [];
  let reusedMs = 0;
  for (let round = 0; round < rounds!; round++) {
    const cacheFolder = join(workplace, `cache-${round}`);
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    {
      await using set = await preparePhotos(folder, { size: size!, cacheFolder, concurrency });
      perSecond.push(set.count / ((performance.now() - startMs) / 1000));
      const { user, system } = process.cpuUsage(cpu);
      cpuMs.push((user + system) / 1000 / set.count);
    }
    const againMs = performance.now();
    await using again = await preparePhotos(folder, { size: size!, cacheFolder });
    reusedMs = performance.now() - againMs;
    if (!again.isReused) {
      throw new Error("The second run has not used what the first one prepared.");
    }
    await rm(cacheFolder, { recursive: true });
  }
  const photosPerSecond = median(perSecond);
  const result = {
    name: "prepare_photos",
    photos: count,
    width: WIDTH,
    height: HEIGHT,
    bytesPerPhoto: Math.round(bytesPerPhoto),
    size,
    cores: availableParallelism(),
    photosPerSecond: Math.round(photosPerSecond),
    rounds: perSecond.map(Math.round),
    cpuMsPerPhoto: Number(median(cpuMs).toFixed(2)),
    reusedMs: Math.round(reusedMs),
    rssBytes: process.memoryUsage().rss,
    limit,
  };
  console.log(JSON.stringify(result));
  console.log(
    `${result.photosPerSecond} photos a second (${result.rounds.join(", ")}; at least ${limit}), ` +
      `${result.cpuMsPerPhoto} ms of processor time each, ${result.cores} cores; ` +
      `opened again in ${result.reusedMs} ms`,
  );
  if (photosPerSecond < limit!) process.exitCode = 1;
} finally {
  await rm(workplace, { recursive: true });
}
