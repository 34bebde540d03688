import { TinctError } from "../errors.ts";
import { checkpointsThere } from "../jobs/checkpoints_there.ts";
import type { Checkpoint } from "../jobs/job_event.ts";
import type { CheckpointReference__Output } from "../protocol/generated/tinct/v1/checkpoint_reference.ts";
import type { ServerContext } from "./context.ts";

/** What a reference asks for: a step, or one to be chosen. */
export function choiceOf(reference: CheckpointReference__Output): number | "newest" | "best" {
  if (reference.checkpoint === "step") return reference.step ?? 0;
  return reference.choice === "CHECKPOINT_CHOICE_BEST" ? "best" : "newest";
}

/**
 * The checkpoint that a reference comes to now.
 *
 * @throws {TinctError} not_found: no such job or step; failed_precondition: there is none yet.
 */
export async function findCheckpoint(
  { store, dataFolder }: Pick<ServerContext, "store" | "dataFolder">,
  reference: CheckpointReference__Output,
): Promise<Checkpoint> {
  const { jobId } = reference;
  const checkpoints = await checkpointsThere(store, dataFolder, jobId);
  const choice = choiceOf(reference);
  if (typeof choice === "number") {
    const found = checkpoints.find(({ step }) => step === choice);
    if (found) return found;
    const steps = checkpoints.map(({ step }) => step).join(", ") || "none";
    throw new TinctError(
      "not_found",
      `Job ${jobId} has no checkpoint of step ${choice}; those that are kept: ${steps}.`,
    );
  }
  const found = choice === "best" ? checkpoints.findLast(({ best }) => best) : checkpoints.at(-1);
  if (found) return found;
  throw new TinctError(
    "failed_precondition",
    choice === "best" && checkpoints.length > 0
      ? `Job ${jobId} has no best checkpoint before its first validation; take the newest.`
      : `Job ${jobId} has no checkpoint yet; wait for its first.`,
    { kind: "NO_CHECKPOINT" },
  );
}
