import { TinctError } from "../../errors.ts";
import { countedWith } from "../../words.ts";
import type { Dataset, DatasetLimits } from "../dataset.ts";
import { requireName } from "../names.ts";

/**
 * Begins an upload.
 *
 * @param facts `known`: the dataset of that name; `numbers`: how many there are of what the limits
 *   bound.
 * @param limits how many there may be, this one included; any number by default.
 * @returns the dataset whose upload goes on; undefined: a new one is to be made.
 * @throws {TinctError} as `DatasetStore.begin`.
 */
export function beginUpload(
  { known, numbers }: { readonly known: Dataset | undefined; readonly numbers: DatasetLimits },
  name: string,
  limits?: DatasetLimits,
): Dataset | undefined {
  requireName("dataset", name);
  if (known?.state === "READY") {
    throw new TinctError(
      "already_exists",
      `The dataset ${name} is complete; upload under another name, or delete it first.`,
    );
  }
  if (!known && limits) requirePlace(numbers, limits);
  return known;
}

/** Completes an upload. @throws {TinctError} failed_precondition: the dataset is complete. */
export function finishUpload({ name, state }: Dataset): void {
  if (state === "UPLOADING") return;
  throw new TinctError(
    "failed_precondition",
    `The dataset ${name} is ${state} and cannot be completed again.`,
  );
}

function requirePlace(numbers: DatasetLimits, limits: DatasetLimits): void {
  const refuse = (what: string, most: number, wayOut: string) => {
    const sentence = `${what}, and the limit is ${most}: ${wayOut}.`;
    // No time alone makes room.
    const details = { kind: "TOO_MANY_DATASETS", retryDelayMs: Infinity };
    throw new TinctError("resource_exhausted", sentence, details);
  };
  const { all, unfinished, unfinishedPerClient: own } = numbers;
  const end = "finish or delete some that are UPLOADING";
  if (own >= limits.unfinishedPerClient) {
    const are = countedWith(own, "dataset", ["is", "are"]);
    refuse(`${are} unfinished of those you started`, limits.unfinishedPerClient, end);
  }
  if (unfinished >= limits.unfinished) {
    const are = countedWith(unfinished, "dataset", ["is", "are"]);
    refuse(`${are} unfinished, for all clients together`, limits.unfinished, end);
  }
  if (all >= limits.all) {
    const are = countedWith(all, "uploaded dataset", ["is", "are"]);
    refuse(`${are} on the server`, limits.all, "delete some that are no longer needed");
  }
}
