import type { TrainingJob__Output } from "../protocol/generated/tinct/v1/training_job.ts";
import { timeMsOf } from "../protocol/times.ts";
import { shown } from "../shown.ts";

/** "RUNNING" of "JOB_STATE_RUNNING". */
export function stateWord({ state }: Pick<TrainingJob__Output, "state">): string {
  return String(state).replace("JOB_STATE_", "");
}

/** A job on one line, for lists. */
export function jobLine(job: TrainingJob__Output): string {
  const { jobId, displayName, dataset, latestLosses, progress, queuePosition, failure } = job;
  const created = timeMsOf(job.createTime);
  const time = created === undefined ? "" : new Date(created).toISOString().slice(0, 16);
  const parts = [jobId, stateWord(job).padEnd(10), time.replace("T", " "), dataset];
  const step = latestLosses?.step ?? progress?.step ?? 0;
  if (step > 0) parts.push(`step ${step}${totalOf(progress?.totalSteps)}`);
  const l1 = latestLosses?.lossGL1;
  if (l1 !== undefined) parts.push(`L1 ${l1.toFixed(2)}`);
  if (queuePosition > 0) parts.push(`place ${queuePosition} in the queue`);
  if (displayName !== "") parts.push(JSON.stringify(displayName));
  if (failure) parts.push(failure.message);
  return shown(parts.join("  "));
}

function totalOf(totalSteps: number | undefined): string {
  return totalSteps === undefined || totalSteps === 0 ? "" : `/${totalSteps}`;
}
