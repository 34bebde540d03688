import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import { TinctError } from "../errors.ts";

/**
 * The error that ends a training whose numbers are no longer finite.
 *
 * @param what is not, as half a sentence: "loss_G is NaN".
 * @param step the step at which it showed.
 * @param store of the run: its newest checkpoint is named.
 * @returns `failed_precondition`, for the caller to throw.
 */
export async function nonFinite(
  what: string,
  step: number,
  store: CheckpointStore,
): Promise<TinctError> {
  const good = await store.latest();
  const way = "start a new run with lower learning rates";
  return new TinctError(
    "failed_precondition",
    `Training stopped at step ${step}: ${what}. ` +
      (good === undefined
        ? `There is no checkpoint yet: ${way}.`
        : `The last good checkpoint is ${good.path}, but a run that continues from it fails again: ${way}.`),
  );
}
