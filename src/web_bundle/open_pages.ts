import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { build } from "esbuild";

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
const RECIPE = "1";

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
 * that they use, and kept in the cache.
 *
 * @param cacheFolder made if missing; where it cannot be written, the bundle is made at each start.
 * @returns the files by their paths, such as "/index.html".
 */
export async function openPages(cacheFolder: string): Promise<ReadonlyMap<string, BuiltPage>> {
  const folder = join(cacheFolder, `web-${await hashOfSources()}`);
  const names = await readdir(folder).catch(() => undefined) ?? await makeBundle(folder);
  const pages = new Map<string, BuiltPage>();
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    const packed = await promisify(gzip)(bytes, { level: 9 });
    pages.set(`/${name}`, {
      type: types[extname(name)] ?? "application/octet-stream",
      bytes,
      gzip: packed.byteLength < 0.9 * bytes.byteLength ? packed : undefined,
      isImmutable: /-[A-Z0-9]{8}\./.test(name),
    });
  }
  return pages;
}

/** Packs the pages beside their place, and puts them there whole. */
async function makeBundle(folder: string): Promise<string[]> {
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: { main: "src/web/main.tsx", style: "src/web/style.css" },
      outdir: partial,
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      jsxImportSource: "preact",
      entryNames: "[name]-[hash]",
      assetNames: "[name]-[hash]",
      loader: { ".ttf": "file" },
      metafile: true,
      logLevel: "silent",
    });
    const outputs = Object.keys(metafile.outputs).map((path) => path.split("/").at(-1) ?? "");
    const named = (start: string, ending: string) =>
      outputs.find((name) => name.startsWith(start) && name.endsWith(ending)) ?? "";
    const page = await readFile(join(root, "src/web/index.html"), "utf-8");
    await writeFile(
      join(partial, "index.html"),
      page.replace("/main.js", `/${named("main-", ".js")}`)
        .replace("/style.css", `/${named("style-", ".css")}`),
    );
    await writeFile(join(partial, "icon.svg"), await readFile(join(root, "src/web/icon.svg")));
    // Another server may have made the same meanwhile.
    await rename(partial, folder).catch(() => {});
    return await readdir(folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Sources, and the versions of packages as the lock file has them. */
async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256").update(RECIPE);
  const folder = resolve(root, "src/web");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const file of [...files, join(root, "deno.lock")]) {
    hash.update(file.slice(root.length)).update("\0").update(await readFile(file)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}
