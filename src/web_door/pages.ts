import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";

/** A file that the door gives to browsers. */
export interface PageFile {
  /** Such as "text/html; charset=utf-8". */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The same, compressed by gzip; undefined: not worth it. */
  readonly gzip?: Uint8Array | undefined;
  /** Its name changes with its content, so that browsers may keep it for good. */
  readonly isImmutable?: boolean;
}

/** The files of the pages by their paths, such as "/app.js"; "/index.html" is what "/" shows. */
export type Pages = ReadonlyMap<string, PageFile>;

/** What files are, by their endings; others are not given out. */
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

/** Reads the pages of a folder, all of them, once; so no path of a request ever reaches the disk. */
export async function readPages(folder: string): Promise<Pages> {
  const pages = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.replace(/\/$/, "").length);
    pages.set(path, { type, bytes: await readFile(file) });
  }
  return pages;
}

/** No pages: the door is for programs alone. */
export const noPages: Pages = new Map();
