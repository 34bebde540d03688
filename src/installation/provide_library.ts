import process from "node:process";
import { TinctError } from "../errors.ts";
import { wheelsFor } from "../tensorflow/fetch_wheels.ts";
import {
  type LocatedLibrary,
  locateLibrary,
  platformOf,
  TENSORFLOW_VERSION,
  type Variant,
} from "../tensorflow/library.ts";
import type { CommandContext } from "../terminal/command.ts";
import { FetchLine } from "./fetch_line.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { formatBytes } from "../terminal/quantities.ts";

/** Options of `provideLibrary`. */
interface ProvideOptions {
  /** Undefined: the one that is there, else the CPU build. */
  readonly variant?: Variant | undefined;
  /** Undefined: the environment's. */
  readonly cacheFolder?: string | undefined;
  /** A wheel or a folder of wheels to unpack instead of downloading. */
  readonly from?: string | undefined;
  /** The Python whose pip downloads. */
  readonly python?: string | undefined;
}

/** A library that is there now. */
interface ProvidedLibrary extends LocatedLibrary {
  /** False when it was there before. */
  readonly fetched: boolean;
}

/**
 * Finds the TensorFlow library, or fetches it with a progress line on stderr: for commands that are
 * to work on a fresh machine.
 *
 * @throws {TinctError} when it can neither be found nor fetched, or was interrupted.
 */
export async function provideLibrary(
  { environment, signal }: Pick<CommandContext, "environment" | "signal">,
  { variant, cacheFolder = environment.cacheFolder, from, python }: ProvideOptions = {},
): Promise<ProvidedLibrary> {
  const platform = platformOf(process.platform, process.arch);
  const explicit = environment.tensorflowFolder;
  const where = { explicit, cacheFolder, platform, variant };
  if (explicit !== undefined) return { ...locateLibrary(where), fetched: false };
  try {
    return { ...locateLibrary(where), fetched: false };
  } catch (error) {
    if (!(error instanceof TinctError)) throw error; // else: not there, or damaged
  }
  // What fetches is loaded only where something is to be fetched, which is once for a machine.
  const { fetchLibrary, fetchSizes } = await import("../tensorflow/fetch_library.ts");
  const wanted = variant ?? "cpu";
  const { downloadBytes, installedBytes } = fetchSizes(wheelsFor(platform, wanted));
  const download = from === undefined ? `${formatBytes(downloadBytes)} to download, ` : "";
  console.error(
    `${from === undefined ? "Fetching" : "Unpacking"} TensorFlow ${TENSORFLOW_VERSION} ` +
      `(${variantName(wanted)} for ${platform}): ${download}` +
      `${formatBytes(installedBytes)} on the disk.`,
  );
  using line = new FetchLine(stderr);
  const { alreadyThere } = await fetchLibrary({
    variant: wanted,
    platform,
    cacheFolder,
    from,
    python,
    signal,
    onProgress: (progress) => line.show(progress),
  });
  line.finish();
  return { ...locateLibrary({ cacheFolder, platform, variant: wanted }), fetched: !alreadyThere };
}

/** A build's name in sentences. */
export function variantName(variant: Variant | undefined): string {
  return variant === undefined ? "build unknown" : variant === "gpu" ? "CUDA build" : "CPU build";
}
