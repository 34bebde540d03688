/**
 * What gains after the network? Compares ways from a model's colours to a picture, on scenes that it
 * has never seen or on photos with their real colours, and prints for each the mean CIEDE2000 in the
 * steepest tenth of L, elsewhere and all over, and what predicting took:
 *
 *     deno run -A bench/after_network.ts RUN [--scenes 40] [--side 192] [--photos FOLDER]
 *         [--only NAME …]
 *
 * docs/decisions/0033 has what came of it.
 */
import { join } from "node:path";
import { readdir } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs";
import { ciede2000 } from "../src/color/ciede2000.ts";
import { abScale, labOfBytes } from "../src/color/lab.ts";
import { recolor } from "../src/color/recolor.ts";
import { decodePhoto } from "../src/images/decode.ts";
import { squashPicture } from "../src/images/squash.ts";
import type { Colorizer } from "../src/inference/colorizer.ts";
import { loadColorizer } from "../src/inference/load_colorizer.ts";
import { resamplingWeights } from "../src/inference/resampling.ts";
import { renderScene } from "../src/scenes/scenes.ts";
import { startBenchEngine } from "./bench_engine.ts";

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** a* and b* of a whole picture, each [height, width]. */
type Planes = readonly [Float32Array, Float32Array];

/** A picture with its lightness. */
interface Lit extends Picture {
  readonly L: Float32Array;
}

type Way = (picture: Lit, models: ReadonlyMap<number, Colorizer>) => Promise<Planes>;

const { values: given, positionals: [run] } = parseArgs({
  options: {
    scenes: { type: "string", default: "40" },
    side: { type: "string", default: "192" },
    photos: { type: "string" },
    only: { type: "string", multiple: true },
  },
  allowPositionals: true,
});
if (run === undefined) throw new Error("Which run? deno run -A bench/after_network.ts RUN");

using engine = await startBenchEngine({ threads: 2, precision: "float32" });
const models = new Map<number, Colorizer>();
try {
  const trained = await loadColorizer(engine, run);
  const own = trained.size;
  models.set(own, trained);
  for (const factor of [2 / 3, 4 / 3, 5 / 3, 2]) {
    const size = Math.round(own * factor / 32) * 32;
    if (!models.has(size)) models.set(size, await loadColorizer(engine, run, { size }));
  }
  const pictures = given.photos === undefined ? drawScenes() : await readPhotos(given.photos);
  const sizes = [...models.keys()].sort((a, b) => a - b);
  const single = (size: number): Way => (picture) => predicted(picture, [size], false);
  const plain = single(own);
  const ways: Readonly<Record<string, Way>> = {
    [`plain, ${own}`]: plain,
    ...Object.fromEntries(
      sizes.filter((size) => size !== own).map((size) => [`side ${size}`, single(size)]),
    ),
    "flips": (picture) => predicted(picture, [own], true),
    [`sides ${sizes.join(", ")}`]: (picture) => predicted(picture, sizes, false),
    [`flips, sides ${own}, ${sizes.at(-3)}`]: (picture) =>
      predicted(picture, [own, sizes.at(-3)!], true),
    ...Object.fromEntries(
      ([[1, 4], [2, 4], [2, 25], [4, 25], [8, 25], [1, 1e9], [2, 1e9]] as const).map((
        [radius, eps],
      ) => [
        `guided at the network's side, ${radius} samples, eps ${eps}`,
        (picture: Lit) => guidedSmall(picture, own, { radius, eps, fast: false }),
      ]),
    ),
    "fast guided filter, 4 samples, eps 25": (picture) =>
      guidedSmall(picture, own, { radius: 4, eps: 25, fast: true }),
    "guided filter, 4 pixels, eps 4": async (picture) =>
      guided(await plain(picture, models), picture, 4, 4),
    "guided filter, 8 pixels, eps 25": async (picture) =>
      guided(await plain(picture, models), picture, 8, 25),
    "joint bilateral, 2 pixels, L 5": async (picture) =>
      bilateral(await plain(picture, models), picture, 2, 5),
    "joint bilateral, 4 pixels, L 10": async (picture) =>
      bilateral(await plain(picture, models), picture, 4, 10),
  };
  console.log(
    "| way | edges | elsewhere | all | edges, better in | ms |\n|---|---|---|---|---|---|",
  );
  let before: number[] | undefined;
  for (const [name, way] of Object.entries(ways)) {
    if (before !== undefined && given.only && !given.only.some((each) => name.includes(each))) {
      continue;
    }
    const start = performance.now();
    const results: Parts[] = [];
    for (const picture of pictures) {
      results.push(await measured(picture, await way(picture, models)));
    }
    const ms = (performance.now() - start) / pictures.length;
    const mean = (part: keyof Parts) =>
      (results.reduce((sum, each) => sum + each[part], 0) / results.length).toFixed(2);
    const edges = results.map((each) => each.edges);
    const better = before === undefined
      ? ""
      : `${edges.filter((each, i) => each < before![i]!).length} of ${edges.length}`;
    before ??= edges;
    const cells = [name, mean("edges"), mean("elsewhere"), mean("all"), better, ms.toFixed(0)];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  for (const model of models.values()) model[Symbol.dispose]();
}

function drawScenes(): Lit[] {
  const size = Number(given.side);
  return Array.from(
    { length: Number(given.scenes) },
    (_, index) => lit({ width: size, height: size, rgb: renderScene(index, { size, seed: 99 }) }),
  );
}

async function readPhotos(folder: string): Promise<Lit[]> {
  const names = (await readdir(folder)).filter((name) => /\.(?:jpe?g|png)$/i.test(name)).sort();
  const photos: Lit[] = [];
  for (const name of names) {
    const photo = await decodePhoto(join(folder, name), { fitWithin: 512 });
    if (!photo.isGray && photo.alpha === undefined) photos.push(lit(photo));
  }
  return photos;
}

function lit(picture: Picture): Lit {
  const { width, height, rgb } = picture;
  const L = tf.tidy(() => {
    const lab = labOfBytes(engine.uint8Tensor(rgb, [1, height, width, 3]));
    return tf.slice(lab, [0, 0, 0, 0], [1, height, width, 1]).dataSync<"float32">().slice();
  });
  return { width, height, rgb, L };
}

/** The mean of what the sides predict, and with `flips` of their mirror images. */
async function predicted(picture: Lit, sizes: readonly number[], flips: boolean): Promise<Planes> {
  const sums: [Float32Array, Float32Array] = [
    new Float32Array(picture.L.length),
    new Float32Array(picture.L.length),
  ];
  const parts = sizes.length * (flips ? 2 : 1);
  for (const size of sizes) {
    const model = models.get(size)!;
    const square = await squashPicture(picture, size);
    const squares = flips ? [square, mirrored(square, size)] : [square];
    const all = await model.predict(squares);
    for (const [index, ab] of all.entries()) {
      const planes = broughtUp(index === 1 ? tf.reverse(ab, 1) : ab, picture);
      planes.forEach((plane, c) =>
        plane.forEach((value, i) => sums[c as 0 | 1]![i]! += value / parts)
      );
    }
    tf.dispose(all);
  }
  return sums;
}

function mirrored(square: Uint8Array, size: number): Uint8Array {
  const turned = new Uint8Array(square.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = 3 * (y * size + x);
      turned.set(square.subarray(from, from + 3), 3 * (y * size + size - 1 - x));
    }
  }
  return turned;
}

function broughtUp(ab: Tensor3D, { width, height }: Picture): Planes {
  const planes = tf.tidy(() => {
    const side = ab.shape[0];
    const rows = tf.tensor2d(resamplingWeights(side, height), [height, side]);
    const columns = tf.tensor2d(resamplingWeights(side, width), [width, side]);
    return (tf.unstack(tf.mul(ab, abScale), 2) as Tensor2D[]).map((plane) =>
      tf.matMul(tf.matMul(rows, plane), columns, false, true).dataSync<"float32">().slice()
    );
  });
  return [planes[0]!, planes[1]!];
}

interface Parts {
  readonly edges: number;
  readonly elsewhere: number;
  readonly all: number;
}

/** Puts colours on a picture and compares it with the real one. */
function measured(picture: Lit, [a, b]: Planes): Parts {
  const { width, height, rgb, L } = picture;
  const difference = tf.tidy(() => {
    const pixels = engine.uint8Tensor(rgb, [1, height, width, 3]);
    const plane = (values: Float32Array): Tensor => tf.tensor3d(values, [1, height, width]);
    const made = recolor(pixels, { a: plane(a), b: plane(b) });
    return ciede2000(labOfBytes(made), labOfBytes(pixels)).dataSync<"float32">().slice();
  });
  const steepness = L.map((value, i) => {
    const x = i % width;
    const right = x + 1 < width ? L[i + 1]! - value : 0;
    const below = i + width < L.length ? L[i + width]! - value : 0;
    return Math.hypot(right, below);
  });
  const limit = steepness.toSorted()[Math.floor(0.9 * L.length)]!;
  const sums = { edges: 0, elsewhere: 0 };
  const counts = { edges: 0, elsewhere: 0 };
  difference.forEach((each, i) => {
    const part = steepness[i]! > limit ? "edges" : "elsewhere";
    sums[part] += each;
    counts[part]++;
  });
  return {
    edges: sums.edges / Math.max(1, counts.edges),
    elsewhere: sums.elsewhere / counts.elsewhere,
    all: (sums.edges + sums.elsewhere) / L.length,
  };
}

/**
 * The guided filter where the network's colours are, which are brought up as ever; or fast (He & Sun,
 * 2015): its slopes are brought up and meet the picture's own L.
 */
async function guidedSmall(
  picture: Lit,
  size: number,
  { radius, eps, fast }: { readonly radius: number; readonly eps: number; readonly fast: boolean },
): Promise<Planes> {
  const square = await squashPicture(picture, size);
  const small = lit({ width: size, height: size, rgb: square });
  const [ab] = await models.get(size)!.predict([square]);
  const planes = tf.tidy(() =>
    (tf.unstack(tf.mul(ab!, abScale), 2)).map((plane) => plane.dataSync<"float32">().slice())
  ) as unknown as Planes;
  ab!.dispose();
  const up = (a: Float32Array, b: Float32Array) => {
    const stacked = tf.tidy(() =>
      tf.stack([a, b].map((plane) => tf.tensor2d(plane, [size, size])), 2).div(abScale)
    );
    try {
      return broughtUp(stacked as Tensor3D, picture);
    } finally {
      stacked.dispose();
    }
  };
  if (!fast) return up(...guided(planes, small, radius, eps));
  const [a, b] = planes.map((plane) => slopesOf(plane, small, radius, eps));
  const slopes = up(a!.slope, b!.slope);
  const offsets = up(a!.offset, b!.offset);
  return [0, 1].map((c) =>
    picture.L.map((l, i) => slopes[c as 0 | 1][i]! * l + offsets[c as 0 | 1][i]!)
  ) as unknown as Planes;
}

/** He, Sun & Tang's guided filter (2010) of each plane, guided by L. */
function guided(planes: Planes, picture: Lit, radius: number, eps: number): Planes {
  return planes.map((plane) => {
    const { slope, offset } = slopesOf(plane, picture, radius, eps);
    return picture.L.map((l, i) => slope[i]! * l + offset[i]!);
  }) as unknown as Planes;
}

function slopesOf(
  plane: Float32Array,
  { width, height, L }: Lit,
  radius: number,
  eps: number,
): { readonly slope: Float32Array; readonly offset: Float32Array } {
  const mean = (values: Float32Array) => boxMean(values, width, height, radius);
  const meanL = mean(L);
  const varianceL = mean(L.map((l) => l * l)).map((each, i) => each - meanL[i]! ** 2);
  const meanPlane = mean(plane);
  const product = mean(plane.map((value, i) => value * L[i]!));
  const slope = product.map((each, i) =>
    (each - meanL[i]! * meanPlane[i]!) / (varianceL[i]! + eps)
  );
  const offset = meanPlane.map((each, i) => each - slope[i]! * meanL[i]!);
  return { slope: mean(slope), offset: mean(offset) };
}

function boxMean(
  values: Float32Array,
  width: number,
  height: number,
  radius: number,
): Float32Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0, row = 0; x < width; x++) {
      row += values[y * width + x]!;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
    }
  }
  return values.map((_, i) => {
    const x = i % width, y = Math.floor(i / width);
    const [left, right] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
    const [top, end] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
    const at = (row: number, column: number) => sums[row * (width + 1) + column]!;
    return (at(end, right) - at(top, right) - at(end, left) + at(top, left)) /
      ((right - left) * (end - top));
  });
}

/** A bilateral filter of each plane, by the likeness of L. */
function bilateral(
  planes: Planes,
  { width, height, L }: Lit,
  sigma: number,
  range: number,
): Planes {
  const reach = 2 * sigma;
  const made: Planes = [new Float32Array(L.length), new Float32Array(L.length)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = y * width + x;
      let sum = 0, a = 0, b = 0;
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
          const there = here + dy * width + dx;
          const weight = Math.exp(
            -(dx * dx + dy * dy) / (2 * sigma * sigma) -
              (L[there]! - L[here]!) ** 2 / (2 * range * range),
          );
          sum += weight;
          a += weight * planes[0][there]!;
          b += weight * planes[1][there]!;
        }
      }
      made[0][here] = a / sum;
      made[1][here] = b / sum;
    }
  }
  return made;
}
