import { freeBytes } from "../files/free_bytes.ts";
import { TinctError } from "../errors.ts";
import type { ServerContext } from "./context.ts";

/**
 * Refuses what needs room on a disk that is nearly full.
 *
 * @throws {TinctError} resource_exhausted; unavailable where the data folder is gone.
 */
export async function requireRoom({ settings, dataFolder }: ServerContext): Promise<void> {
  const free = await freeBytes(dataFolder).catch((cause) => {
    throw new TinctError(
      "unavailable",
      "The server's data folder cannot be reached; its operator has to bring it back.",
      { cause },
    );
  });
  const freeMib = Math.floor(free / 2 ** 20);
  if (freeMib >= settings.minFreeMib) return;
  throw new TinctError(
    "resource_exhausted",
    `The server's disk has ${freeMib} MiB free and keeps ${settings.minFreeMib} MiB; delete jobs ` +
      "or datasets that are no longer needed.",
    { kind: "DISK_FULL" },
  );
}
