/**
 * Draws the figures of the documents: `deno task figures` makes an SVG of every `docs/figures/*.dot` by
 * Graphviz (as WebAssembly). With `--check` it writes nothing and fails where one is out of date.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { instance } from "@viz-js/viz";

const FOLDER = "docs/figures";

const isCheck = process.argv.includes("--check");
const viz = await instance();
let changed = 0;
for (const name of (await readdir(FOLDER)).filter((each) => each.endsWith(".dot")).sort()) {
  const source = await readFile(`${FOLDER}/${name}`, "utf8");
  const path = `${FOLDER}/${name.replace(/\.dot$/, ".svg")}`;
  const drawn = `${viz.renderString(source, { format: "svg" }).trimEnd()}\n`;
  const present = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (present === drawn) continue;
  changed++;
  console.log(`${isCheck ? "out of date:" : "wrote"} ${path}`);
  if (!isCheck) await writeFile(path, drawn);
}
if (isCheck && changed > 0) {
  console.error("Run `deno task figures` and commit what it writes.");
  process.exitCode = 1;
}
