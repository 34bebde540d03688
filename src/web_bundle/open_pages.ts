import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A file of the pages. */
interface BuiltPage {
  /** Such as "text/html; charset=utf-8". */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The same by gzip; undefined: not worth it. */
  readonly gzip?: Uint8Array | undefined;
  /** Its name changes with its content. */
  readonly isImmutable: boolean;
}

/** What is packed where; a change makes a bundle of its own. */
const RECIPE = "3";

/** What the name of a file that gzip has made smaller ends in, beside the file itself. */
const ZIPPED = ".gz";

const root = fileURLToPath(new URL("../../", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
};

/**
 * The web pages, ready to be given out: packed once for each state of their sources and of the packages
 * that they use, and kept in the cache. Where that cannot be written, they are packed at each start.
 *
 * @param cacheFolder made if missing.
 * @returns the files by their paths, such as "/index.html".
 */
export async function openPages(cacheFolder: string): Promise<ReadonlyMap<string, BuiltPage>> {
  const folder = join(cacheFolder, `web-${await hashOfSources()}`);
  const files = await readBundle(folder) ?? await makeBundle(folder);
  const pages = new Map<string, BuiltPage>();
  for (const [name, bytes] of files) {
    if (name.endsWith(ZIPPED)) continue;
    pages.set(`/${name}`, {
      type: types[extname(name)] ?? "application/octet-stream",
      bytes,
      gzip: files.get(`${name}${ZIPPED}`),
      isImmutable: /-[A-Z0-9]{8}\./.test(name),
    });
  }
  return pages;
}

/** The files of a bundle by their names; undefined: it is not there. */
async function readBundle(folder: string): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name))] as const),
    ),
  );
}

async function makeBundle(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const outputFiles = await pack();
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const named = (start: string, ending: string) =>
    [...files.keys()].find((name) => name.startsWith(start) && name.endsWith(ending)) ?? "";
  const page = await readFile(join(root, "src/web/index.html"), "utf-8");
  const linked = page.replace("/main.js", `/${named("main-", ".js")}`)
    .replace("/style.css", `/${named("style-", ".css")}`);
  files.set("index.html", new TextEncoder().encode(linked));
  files.set("icon.svg", await readFile(join(root, "src/web/icon.svg")));
  for (const [name, bytes] of [...files]) {
    const packed = await promisify(gzip)(bytes, { level: 9 });
    if (packed.byteLength < 0.9 * bytes.byteLength) files.set(`${name}${ZIPPED}`, packed);
  }
  await keepBundle(folder, files);
  return files;
}

/** Runs esbuild, and ends its process, which would stay for as long as the server. */
async function pack() {
  // Loaded only where something is to be packed: most starts find the bundle in the cache.
  const { build, stop } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: { main: "src/web/main.tsx", style: "src/web/style.css" },
      outdir: "web",
      write: false,
      bundle: true,
      splitting: true, // what is imported where it is used becomes a file of its own
      minify: true,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      jsxImportSource: "preact",
      entryNames: "[name]-[hash]",
      chunkNames: "[name]-[hash]",
      assetNames: "[name]-[hash]",
      loader: { ".ttf": "file" },
      logLevel: "silent",
    });
    return outputFiles;
  } finally {
    await stop();
  }
}

/** Puts a bundle into the cache, whole or not at all; what cannot be kept is packed again. */
async function keepBundle(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const partial = `${folder}.partial-${process.pid}`;
  try {
    await mkdir(partial, { recursive: true });
    for (const [name, bytes] of files) await writeFile(join(partial, name), bytes);
    await rename(partial, folder); // fails where another server has made the same
  } catch {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
  }
}

/** Sources, and the versions of packages as the lock file has them. */
async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256").update(RECIPE);
  const entries = (await Promise.all(
    ["src/web", "src/web_cards", "src/web_parts"].map((folder) =>
      readdir(resolve(root, folder), { recursive: true, withFileTypes: true })
    ),
  )).flat();
  const files = entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const file of [...files, join(root, "deno.lock")]) {
    hash.update(file.slice(root.length)).update("\0").update(await readFile(file)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}
