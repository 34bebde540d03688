import type { PreparedSet } from "../prepared/prepared_set.ts";
import { knowTrainedPhotos } from "../runs/trained_photos.ts";
import type { TrainingOutcome } from "./events.ts";
import { HealthHalt } from "./health/health.ts";
import { nextRecovery } from "./health/rollback.ts";
import { nonFinite } from "./non_finite.ts";
import { explainOutOfMemory } from "./out_of_memory.ts";
import { memoryOf } from "./resources/step_memory.ts";
import { type Progress, type Rollback, Session, type TrainingInputs } from "./session.ts";

/**
 * Trains until the steps, the minutes or the caller's patience are used up: batches in, steps, and
 * every now and then metrics, a validation, a sample sheet, a checkpoint. Where the run's health asks
 * for it, goes back to a checkpoint and on from there with lower learning rates.
 *
 * @throws TinctError `failed_precondition` when a loss or weight is no longer finite (it names the
 *   last good checkpoint) or the run was rolled back too often, `invalid_argument` when there are
 *   fewer photos than a batch takes, and what reading photos and writing checkpoints throw.
 */
export async function train(inputs: TrainingInputs): Promise<TrainingOutcome> {
  const { store, config } = inputs;
  const { set, isKnown } = await recognize(inputs);
  const known = { ...inputs, set };
  const progress: Progress = { stepsTaken: 0, totalSteps: 0, deadlineMs: undefined };
  let back: Rollback | undefined;
  while (true) {
    try {
      const beginning = { inputs: known, back, progress, arePhotosKept: isKnown };
      await using session = await Session.open(beginning);
      const end = await session.run();
      return { ...end, stepsTaken: progress.stepsTaken };
    } catch (error) {
      if (!(error instanceof HealthHalt)) {
        const { engine, nameOf = (option) => option } = inputs;
        throw explainOutOfMemory(error, config, () => memoryOf(engine), nameOf);
      }
      const { step, finding } = error;
      if (error.action === "pause") {
        const { path, step } = await store.latest() ?? {};
        if (path === undefined || step === undefined) {
          throw await nonFinite(finding.what, error.step, store);
        }
        const { stepsTaken, totalSteps } = progress;
        const rest = { validation: undefined, finding, totalSteps, stepsTaken };
        return { reason: "paused", step, checkpoint: path, ...rest };
      }
      // Where nothing was saved since the last rollback, what it went back to is not good either.
      const { step: newest } = await store.latest() ?? {};
      const { rollbacks, wentBackTo } = error.recovery;
      const isStuck = rollbacks > 0 && newest === wentBackTo;
      const before = isStuck ? Math.min(finding.since, wentBackTo) : finding.since;
      back = { step, finding, before, recovery: nextRecovery(error, config) };
    }
  }
}

/** The photos as the run began with them, and whether the run's folder says which they are. */
async function recognize(
  { set, store, resume, leader, onEvent, nameOf = (option) => option }: TrainingInputs,
): Promise<{ readonly set: PreparedSet; readonly isKnown: boolean }> {
  if (!resume) return { set, isKnown: false };
  const options = {
    nameOf,
    mayReorder: leader === undefined,
    onLeftOut: (message: string) => onEvent({ kind: "notice", step: 0, message }),
  };
  const known = await knowTrainedPhotos(store.runFolder, set, options);
  return { set: known ?? set, isKnown: known !== undefined };
}
