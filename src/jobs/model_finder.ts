import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { checkpointsThere } from "./checkpoints_there.ts";
import type { ModelSource, ResolvedModel } from "./model_reference.ts";
import type { Store } from "./store.ts";

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
  const { jobId, checkpoint = "newest" } = source;
  const there = await checkpointsThere(store, dataFolder, jobId);
  const found = checkpoint === "newest"
    ? there.at(-1)
    : checkpoint === "best"
    ? there.findLast(({ best }) => best)
    : there.find(({ step }) => step === checkpoint);
  if (found) return { jobId, step: found.step, folder: join(dataFolder, found.path) };
  if (typeof checkpoint === "number") {
    const steps = there.map(({ step }) => step).join(", ");
    throw new TinctError(
      "not_found",
      `Job ${jobId} has no checkpoint of step ${checkpoint}; it has ${steps || "none"}.`,
    );
  }
  throw new TinctError(
    "failed_precondition",
    there.length === 0
      ? `Job ${jobId} has no checkpoint yet: wait for its first.`
      : `Job ${jobId} has no best checkpoint, as it was not validated: take its newest.`,
    { kind: "NO_CHECKPOINT" },
  );
}
