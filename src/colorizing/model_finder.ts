import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { findThere } from "./checkpoints_there.ts";
import type { Checkpoint } from "../jobs/job_event.ts";
import type { CheckpointChoice, ModelSource, ResolvedModel } from "./model_reference.ts";
import type { Store } from "../jobs/store.ts";

/**
 * Finds what a reference to a model comes to.
 *
 * @throws {TinctError} not_found (no such model, job or checkpoint), failed_precondition (the job
 *   has no checkpoint yet).
 */
export async function findModel(
  store: Store,
  dataFolder: string,
  source: ModelSource,
): Promise<ResolvedModel> {
  if ("name" in source) {
    const { name, version, path } = await store.models.get(source.name, source.version);
    return { name, version, folder: join(dataFolder, path) };
  }
  const { jobId, checkpoint } = source;
  const { step, path } = await findCheckpoint(store, dataFolder, { jobId, checkpoint });
  return { jobId, step, folder: join(dataFolder, path) };
}

/**
 * Finds the checkpoint of a job that a choice comes to now.
 *
 * @param wanted `checkpoint`: the newest when left out.
 * @throws {TinctError} not_found (no such job or step), failed_precondition (the job has no
 *   checkpoint yet).
 */
export async function findCheckpoint(
  store: Store,
  dataFolder: string,
  { jobId, checkpoint = "newest" }: {
    readonly jobId: string;
    readonly checkpoint?: CheckpointChoice | undefined;
  },
): Promise<Checkpoint> {
  const { found, there } = await findThere(store, dataFolder, jobId, (checkpoints) => {
    if (checkpoint === "newest") return checkpoints;
    return checkpoints.filter(({ best, step }) => {
      return checkpoint === "best" ? best : step === checkpoint;
    });
  });
  if (found) return found;
  if (typeof checkpoint === "number") {
    const steps = there.map(({ step }) => step).join(", ") || "none";
    throw new TinctError(
      "not_found",
      `Job ${jobId} has no checkpoint of step ${checkpoint}; those that are kept: ${steps}.`,
    );
  }
  throw new TinctError(
    "failed_precondition",
    there.length === 0
      ? `Job ${jobId} has no checkpoint yet; wait for its first.`
      : `Job ${jobId} has no best checkpoint before its first validation; take the newest.`,
    { kind: "NO_CHECKPOINT" },
  );
}
