import type { Job, Model, ModelReference } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";

/** Something to colorize with. */
export interface Choice {
  readonly key: string;
  /** As it is called above its results. */
  readonly title: string;
  readonly words: string;
  readonly reference: ModelReference;
}

/** Promoted models, then jobs with a checkpoint; undefined: not known yet. */
export function useChoices(jobId: string | undefined): readonly Choice[] | undefined {
  const { value: models } = useAnswer<{ models?: readonly Model[] }>(
    "ModelService/ListModels",
    { pageSize: 1000 },
  );
  const { value: jobs } = useAnswer<{ jobs?: readonly Job[] }>(
    "TrainingJobService/ListTrainingJobs",
    { pageSize: 100 },
  );
  if (!models || !jobs) return undefined;
  return [
    ...(models.models ?? []).map(({ name, version }) => ({
      key: name,
      title: name,
      words: `${name}, version ${version}`,
      reference: { name },
    })),
    ...(jobs.jobs ?? []).filter((job) => job.latestLosses !== undefined || job.jobId === jobId)
      .map((job) => ({
        key: job.jobId,
        title: job.displayName || job.jobId,
        words: `${job.displayName || job.jobId}, newest checkpoint`,
        reference: { checkpoint: { jobId: job.jobId, choice: "CHECKPOINT_CHOICE_NEWEST" } },
      })),
  ];
}
