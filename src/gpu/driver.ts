import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where NVIDIA's driver tells of itself. */
export const DRIVER_FOLDER = "/proc/driver/nvidia";

/** What the system says about NVIDIA's driver. */
export interface DriverFacts {
  /** Undefined: this process may not look. */
  readonly isThere: boolean | undefined;
  /** Such as "550.54.15", or "of Windows"; undefined where that is not known. */
  readonly version: string | undefined;
  /** Cards that it names; undefined where that is not known. */
  readonly cards: number | undefined;
  /** Whether nvidia-smi is on the PATH; undefined where that is not known. */
  readonly hasNvidiaSmi: boolean | undefined;
}

/**
 * Looks for the driver, without loading anything of it.
 *
 * @param options `searchPath`: the PATH; `folder`: where the driver tells of itself.
 */
export function readDriver(
  { searchPath, folder = DRIVER_FOLDER }: {
    readonly searchPath?: string | undefined;
    readonly folder?: string;
  } = {},
): DriverFacts {
  const hasNvidiaSmi = searchPath?.split(":").some((place) =>
    existsSync(join(place, "nvidia-smi"))
  );
  try {
    const version = readFileSync(join(folder, "version"), "utf8");
    return {
      isThere: true,
      version: / (\d+\.\d+(?:\.\d+)?) /.exec(version.split("\n")[0] ?? "")?.[1],
      cards: countOf(join(folder, "gpus")),
      hasNvidiaSmi,
    };
  } catch (error) {
    const mayLook = error instanceof Error && "code" in error && error.code === "ENOENT";
    // A worker may not even ask whether there is a file.
    const isInWindows = mayLook && existsSync("/usr/lib/wsl/lib/libcuda.so.1");
    return {
      isThere: isInWindows ? true : mayLook ? false : undefined,
      version: isInWindows ? "of Windows" : undefined,
      cards: undefined,
      hasNvidiaSmi,
    };
  }
}

function countOf(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
