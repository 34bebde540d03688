import type { Checkpoint, CheckpointInfo } from "../../checkpoints/checkpoint_folder.ts";
import type { CheckpointStore } from "../../checkpoints/checkpoint_store.ts";
import type { TrainingConfig } from "../../config/training.ts";
import { TinctError } from "../../errors.ts";
import { shown } from "./finding.ts";
import type { HealthHalt, Recovery } from "./health.ts";

/**
 * What a run goes on with after it is rolled back.
 *
 * @throws TinctError `failed_precondition` when it has been rolled back as often as it may.
 */
export function nextRecovery(
  { step, finding, recovery: { rollbacks, rateFactor } }: HealthHalt,
  { maxRollbacks, rollbackRate, lrG, lrD }: Pick<
    TrainingConfig,
    "maxRollbacks" | "rollbackRate" | "lrG" | "lrD"
  >,
): Omit<Recovery, "wentBackTo"> {
  if (rollbacks < maxRollbacks) {
    return { rollbacks: rollbacks + 1, rateFactor: rateFactor * rollbackRate };
  }
  const times = rollbacks === 1 ? "once" : `${rollbacks} times`;
  throw new TinctError(
    "failed_precondition",
    `Training stopped at step ${step}: ${finding.what}. It was rolled back ${times} before, to ` +
      `learning rates of ${shown(lrG * rateFactor)} (generator) and ${shown(lrD * rateFactor)} ` +
      "(discriminator): start a new run with other settings, or allow more rollbacks.",
  );
}

/**
 * Opens the checkpoint that a run goes back to: the newest of an earlier step than `before`, or the
 * oldest there is where there is none. Damaged ones are passed over.
 *
 * @returns undefined when the run has none.
 */
export async function openLastGood(
  store: CheckpointStore,
  before: number,
): Promise<Checkpoint | undefined> {
  // The last saved first: what an earlier rollback went back behind was saved before what came since.
  const all = (await store.list()).toReversed();
  const good = all.filter(({ step }) => step < before);
  const others = all.filter(({ step }) => step >= before).sort((a, b) => a.step - b.step);
  for (const info of [...good, ...others]) {
    const checkpoint = await openIfSound(store, info);
    if (checkpoint !== undefined) return checkpoint;
  }
  return undefined;
}

async function openIfSound(
  store: CheckpointStore,
  info: CheckpointInfo,
): Promise<Checkpoint | undefined> {
  try {
    return await store.load(info);
  } catch (error) {
    if (error instanceof TinctError && error.code === "data_loss") return undefined;
    throw error;
  }
}
