import { readdir, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { messageOf, TinctError } from "../errors.ts";
import { neededAndThere } from "../words.ts";
import { UnfinishedInstall } from "./fetch_folder.ts";
import { downloadWheel, findPip } from "./fetch_pip.ts";
import { checkWheel, unpackWheel } from "./fetch_unpack.ts";
import { type PinnedWheel, wheelsFor } from "./fetch_wheels.ts";
import { type CheckedFile, errorName, type Platform, type Variant } from "./install_record.ts";
import { installFolder, locateLibrary, TENSORFLOW_VERSION } from "./library.ts";

/** How far one wheel has come. */
export interface FetchProgress {
  readonly step: "download" | "check" | "unpack";
  /** The wheel's file name, its place from 1, and how many there are. */
  readonly wheel: string;
  readonly wheelNumber: number;
  readonly wheelCount: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Options of `fetchLibrary`. */
export interface FetchOptions {
  readonly variant: Variant;
  readonly platform: Platform;
  /** The installation becomes a folder in it. */
  readonly cacheFolder: string;
  /** A wheel, or the folder that holds all of them: nothing is downloaded. */
  readonly from?: string | undefined;
  /** The Python whose pip is used; undefined: what is on the PATH. */
  readonly python?: string | undefined;
  /** The wheels to take; those that Tinct is built for, unless a test gives its own. */
  readonly wheels?: readonly PinnedWheel[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

/** What `fetchLibrary` did. */
interface FetchResult {
  /** The installation. */
  readonly folder: string;
  /** True when it was complete before, and nothing was fetched. */
  readonly alreadyThere: boolean;
}

/**
 * Puts the TensorFlow library into the cache, once: fetches each wheel, compares it with its pin,
 * unpacks the libraries and checks each against the wheel's RECORD. The installation appears whole
 * or not at all; processes that fetch at once do not disturb each other.
 *
 * @throws {TinctError} with the reason and the way out; the signal's reason when it was stopped.
 *   Either way nothing unfinished is left, and an installation that was complete stays.
 */
export async function fetchLibrary(options: FetchOptions): Promise<FetchResult> {
  const { variant, platform, from, signal } = options;
  const cacheFolder = resolve(options.cacheFolder);
  const folder = installFolder(cacheFolder, variant, platform);
  const wheels = options.wheels ?? wheelsFor(platform, variant);
  if (isComplete(options)) return { folder, alreadyThere: true };
  signal?.throwIfAborted();
  const pip = from === undefined ? await findPip(options) : undefined;
  const local = from === undefined
    ? new Map<PinnedWheel, string>()
    : await findWheels(resolve(from), wheels, variant);
  try {
    await checkSpace(cacheFolder, wheels, from === undefined);
    await using install = await UnfinishedInstall.begin(folder);
    const files: CheckedFile[] = [];
    for (const [index, wheel] of wheels.entries()) {
      const told = { wheel: wheel.file, wheelNumber: index + 1, wheelCount: wheels.length };
      const stepOptions = (step: FetchProgress["step"], totalBytes: number) => ({
        signal,
        onProgress: (doneBytes: number) =>
          options.onProgress?.({ step, ...told, doneBytes, totalBytes }),
      });
      await using download = await install.workFolder("download");
      await using temporary = await install.workFolder("temporary");
      const path = pip === undefined ? local.get(wheel) : await downloadWheel(
        pip,
        wheel,
        download.path,
        { temporaryFolder: temporary.path, ...stepOptions("download", wheel.sizeBytes) },
      );
      if (path === undefined) throw new RangeError(`no path for ${wheel.file}`);
      await checkWheel(path, wheel, stepOptions("check", wheel.sizeBytes));
      const unpackOptions = stepOptions("unpack", wheel.unpackedBytes);
      files.push(...await unpackWheel(path, install.path, unpackOptions));
    }
    signal?.throwIfAborted();
    await install.finish({
      formatVersion: 1,
      version: TENSORFLOW_VERSION,
      variant,
      platform,
      wheels: wheels.map(({ file, sizeBytes, sha256 }) => ({ path: file, sizeBytes, sha256 })),
      files,
    });
    return { folder, alreadyThere: !await install.publish(() => isComplete(options)) };
  } catch (error) {
    throw describe(error, cacheFolder);
  }
}

/** What the wheels take on the disk: to fetch, to keep, and at most while it goes on; in bytes. */
export function fetchSizes(wheels: readonly PinnedWheel[]): {
  readonly downloadBytes: number;
  readonly installedBytes: number;
  readonly neededBytes: number;
} {
  const downloadBytes = wheels.reduce((sum, wheel) => sum + wheel.sizeBytes, 0);
  const installedBytes = wheels.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0);
  // One wheel at a time is there, and pip copies it from its temporary folder to ours.
  const largest = Math.max(...wheels.map((wheel) => wheel.sizeBytes));
  return { downloadBytes, installedBytes, neededBytes: installedBytes + 2 * largest };
}

function isComplete(
  { cacheFolder, variant, platform }: Pick<FetchOptions, "cacheFolder" | "variant" | "platform">,
): boolean {
  try {
    locateLibrary({ cacheFolder, variant, platform });
    return true;
  } catch (error) {
    if (error instanceof TinctError) return false; // nothing there, or damaged: fetched anew
    throw error;
  }
}

async function findWheels(
  from: string,
  wheels: readonly PinnedWheel[],
  variant: Variant,
): Promise<Map<PinnedWheel, string>> {
  const isFolder = await stat(from).then((stats) => stats.isDirectory(), (cause) => {
    throw new TinctError(
      "not_found",
      `${from} cannot be read (${messageOf(cause)}); --from takes a wheel or a folder of wheels.`,
      { cause },
    );
  });
  if (!isFolder) {
    const [wheel, another] = wheels;
    if (wheel === undefined || another !== undefined) {
      throw new TinctError(
        "invalid_argument",
        `${basename(from)} is one wheel, but this build needs ${wheels.length}: --from takes the ` +
          `folder that holds ${listOf(wheels)}.`,
      );
    }
    return new Map([[wheel, from]]);
  }
  const present = new Set(await readdir(from));
  const missing = wheels.filter((wheel) => !present.has(wheel.file));
  if (missing.length > 0) {
    throw new TinctError(
      "not_found",
      `${from} lacks ${listOf(missing)}; \`deno task tinct setup ` +
        `${variant === "gpu" ? "--gpu " : ""}--list\` prints the commands that ` +
        "fetch what is needed.",
    );
  }
  return new Map(wheels.map((wheel) => [wheel, join(from, wheel.file)]));
}

function listOf(wheels: readonly PinnedWheel[]): string {
  const [first, ...others] = wheels.map((wheel) => wheel.file);
  return others.length === 0 ? `${first}` : `${first} and ${others.length} other wheels`;
}

async function checkSpace(
  cacheFolder: string,
  wheels: readonly PinnedWheel[],
  downloads: boolean,
): Promise<void> {
  const { installedBytes, neededBytes } = fetchSizes(wheels);
  const needed = downloads ? neededBytes : installedBytes;
  const { bavail, bsize } = await statfs(await existingFolder(cacheFolder));
  if (bavail * bsize >= needed) return;
  const [wanted, there] = neededAndThere(needed, bavail * bsize);
  throw new TinctError(
    "resource_exhausted",
    `The TensorFlow library needs ${wanted} in ${cacheFolder} while it is unpacked, ` +
      `and ${there} are free; free some space, or choose another folder with ` +
      "--cache.",
  );
}

/** The nearest folder above a path that is there already. */
async function existingFolder(path: string): Promise<string> {
  for (let folder = path;; folder = dirname(folder)) {
    if (await stat(folder).then(() => true, () => false)) return folder;
    if (folder === dirname(folder)) return folder;
  }
}

/** A system error of writing becomes a sentence; what is one already stays. */
function describe(error: unknown, cacheFolder: string): unknown {
  const name = errorName(error);
  if (error instanceof TinctError || !name.startsWith("E")) return error;
  if (name === "ENOSPC" || name === "EDQUOT") {
    return new TinctError(
      "resource_exhausted",
      `The disk became full while the TensorFlow library was unpacked into ${cacheFolder}; free ` +
        "some space, or choose another folder with --cache.",
      { cause: error },
    );
  }
  return new TinctError(
    ["EACCES", "EPERM", "EROFS"].includes(name) ? "permission_denied" : "failed_precondition",
    `The TensorFlow library cannot be put into ${cacheFolder}: ${messageOf(error)}. Choose ` +
      "another folder with --cache or TINCT_CACHE.",
    { cause: error },
  );
}
