import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { TinctError } from "../errors.ts";
import { type Platform, readInstallRecord, type Variant } from "./install_record.ts";

export type { Variant };

/** The version of TensorFlow that Tinct is built for and fetches. */
export const TENSORFLOW_VERSION = "2.21.0";

/** A TensorFlow library on the disk. */
export interface LocatedLibrary {
  /** The file to load. */
  readonly ccPath: string;
  /** The file that `ccPath` finds beside itself by its run path. */
  readonly frameworkPath: string;
  /** The folder that holds the two. */
  readonly folder: string;
  /** What lies beside them says so; undefined: only loading it can tell. */
  readonly version: string | undefined;
  readonly variant: Variant | undefined;
  /** Who said where: the caller, or the record in the cache. */
  readonly source: "explicit" | "cache";
}

const LIBRARY_NAMES: Record<Platform, readonly [cc: string, framework: string]> = {
  "linux-x64": ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
  "linux-arm64": ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
  "macos-arm64": ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"],
};

/**
 * The platform that TensorFlow's files are named by.
 *
 * @param os as `process.platform` says it.
 * @param arch as `process.arch` says it.
 * @throws {TinctError} `unimplemented` where TensorFlow publishes no library.
 */
export function platformOf(os: string, arch: string): Platform {
  const platform = `${os === "darwin" ? "macos" : os}-${arch}`;
  if (!isPlatform(platform)) {
    throw new TinctError(
      "unimplemented",
      `TensorFlow ${TENSORFLOW_VERSION} has no library for ${platform}; ` +
        `it has one for ${Object.keys(LIBRARY_NAMES).join(", ")}.`,
    );
  }
  return platform;
}

/** Where the cache holds the library of a variant and a platform. */
export function installFolder(cacheFolder: string, variant: Variant, platform: Platform): string {
  return join(resolve(cacheFolder), `tensorflow-${TENSORFLOW_VERSION}-${variant}-${platform}`);
}

/** Options of `locateLibrary`. */
export interface LocateOptions {
  /** The library, the folder that holds it, or a site-packages folder; wins over the cache. */
  readonly explicit?: string | undefined;
  readonly cacheFolder: string;
  /** Undefined: the one that is there, the GPU build first. */
  readonly variant?: Variant | undefined;
  readonly platform: Platform;
}

/**
 * Finds the TensorFlow library: where the caller says, else in the cache.
 *
 * @throws {TinctError} `failed_precondition` when there is none or it is incomplete.
 */
export function locateLibrary(
  { explicit, cacheFolder, variant, platform }: LocateOptions,
): LocatedLibrary {
  if (explicit !== undefined) return locateExplicit(resolve(explicit), platform);
  const variants = variant === undefined ? ["gpu", "cpu"] as const : [variant];
  for (const candidate of variants) {
    const found = locateInstalled(installFolder(cacheFolder, candidate, platform), platform);
    if (found !== undefined) return found;
  }
  const flag = variant === "gpu" ? " --gpu" : "";
  const build = variant === "gpu" ? "CUDA build of the TensorFlow library" : "TensorFlow library";
  throw new TinctError(
    "failed_precondition",
    `There is no ${build} in ${resolve(cacheFolder)}; fetch it with ` +
      `\`deno task tinct setup${flag}\`, or set TINCT_TENSORFLOW to the folder that holds one.`,
  );
}

function locateInstalled(install: string, platform: Platform): LocatedLibrary | undefined {
  const record = readInstallRecord(install);
  if (record === undefined) return undefined;
  for (const { path, sizeBytes } of record.files) {
    const actual = fileSize(join(install, path));
    if (actual === sizeBytes) continue;
    throw new TinctError(
      "failed_precondition",
      `The TensorFlow library in ${install} is incomplete: ${path} ` +
        (actual === undefined ? "is missing" : `has ${actual} bytes instead of ${sizeBytes}`) +
        "; fetch it again with `deno task tinct setup" +
        `${record.variant === "gpu" ? " --gpu" : ""}\`.`,
    );
  }
  const { version, variant } = record;
  return { ...paths(join(install, "tensorflow"), platform), version, variant, source: "cache" };
}

function locateExplicit(path: string, platform: Platform): LocatedLibrary {
  const [cc, framework] = LIBRARY_NAMES[platform];
  const folders = basename(path) === cc ? [dirname(path)] : [path, join(path, "tensorflow")];
  const folder = folders.find((candidate) => fileSize(join(candidate, cc)) !== undefined);
  const missing = folder === undefined
    ? `${cc} in ${path}`
    : fileSize(join(folder, framework)) === undefined
    ? `${framework} beside ${cc} in ${folder}`
    : undefined;
  if (folder === undefined || missing !== undefined) {
    throw new TinctError(
      "failed_precondition",
      `There is no ${missing}; set TINCT_TENSORFLOW to the folder that holds both, or unset it ` +
        "and run `deno task tinct setup`.",
    );
  }
  return { ...paths(folder, platform), ...describe(dirname(folder)), source: "explicit" };
}

function paths(folder: string, platform: Platform) {
  const [cc, framework] = LIBRARY_NAMES[platform];
  return { folder, ccPath: join(folder, cc), frameworkPath: join(folder, framework) };
}

/** What our own record, or pip's in a site-packages folder, says about the library in it. */
function describe(parent: string): Pick<LocatedLibrary, "version" | "variant"> {
  const record = readInstallRecord(parent);
  if (record !== undefined) return { version: record.version, variant: record.variant };
  for (const name of readdirSync(parent)) {
    const match = /^tensorflow(_cpu)?-(\d[^-]*)\.dist-info$/.exec(name);
    if (match !== null) return { version: match[2], variant: match[1] ? "cpu" : undefined };
  }
  return { version: undefined, variant: undefined };
}

/** A file's size; undefined where there is no such file, or no way to it. */
function fileSize(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? stats.size : undefined;
}

function isPlatform(name: string): name is Platform {
  return Object.hasOwn(LIBRARY_NAMES, name);
}
