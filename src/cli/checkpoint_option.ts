import { TinctError } from "../errors.ts";

/**
 * Reads which checkpoint of a run is meant.
 *
 * @throws TinctError `invalid_argument` for anything but "latest", "best" or a whole number.
 */
export function readCheckpoint(given: string): "latest" | "best" | number {
  if (given === "latest" || given === "best") return given;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new TinctError(
    "invalid_argument",
    `--checkpoint must be latest, best or the number of a step, not ${JSON.stringify(given)}.`,
  );
}
