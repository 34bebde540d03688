import type { CheckpointReference__Output } from "../protocol/generated/tinct/v1/checkpoint_reference.ts";
import type { GetTrainingJobResponse__Output } from "../protocol/generated/tinct/v1/get_training_job_response.ts";
import type { TrainingJob__Output } from "../protocol/generated/tinct/v1/training_job.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { memberOf } from "../protocol/one_of.ts";
import { durationMsOf } from "../protocol/times.ts";
import { changedOptions } from "../client/changed_options.ts";
import { defineCommand } from "../terminal/command.ts";
import { stateWord } from "../client/job_lines.ts";
import { lossWords } from "../terminal/loss_words.ts";
import { measureWords } from "../protocol/measure_words.ts";
import { momentOf } from "../client/moments.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { counted, formatCount, formatDuration } from "../terminal/quantities.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { detailText } from "../terminal/text_table.ts";

export const command = defineCommand({
  description: "Shows options as `submit` takes them; --json has all of them.",
  options: { ...serverOptions, ...jsonOption },
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options, operands: [jobId = ""] }, { environment }) {
    using client = new ServiceClient(options, environment);
    const response = await client.ask<GetTrainingJobResponse__Output>((answer) =>
      client.jobs.getTrainingJob({ jobId }, answer)
    );
    const { job } = response;
    if (options.json) printJson(client.json("GetTrainingJobResponse", response));
    else if (job) {
      const options = await changedOptions(client, job.config);
      console.log(detailText([...jobRows(job), ["options", options]]));
    }
  },
});

/** What is known of a job, a row each; what is not known has none. */
function jobRows(job: TrainingJob__Output): [string, string][] {
  const origin = memberOf(job, "origin");
  const { latestLosses: losses, attempt, lostWorkers, queuePosition } = job;
  const measures = measureWords(job.latestValidation);
  const validated = job.latestValidation?.step;
  const rows: [string, string][] = [
    ["job", job.jobId],
    ["name", job.displayName],
    ["labels", Object.entries(job.labels).map(([key, value]) => `${key}=${value}`).join(", ")],
    ["state", stateWord(job)],
    ["failure", job.failure?.message ?? ""],
    ["place", queuePosition === 0 ? "" : `${queuePosition} in the queue`],
    ["dataset", job.dataset],
    ["goes on from", origin?.kind === "resumeFrom" ? checkpointWords(origin.value) : ""],
    ["begins with", origin?.kind === "startFrom" ? checkpointWords(origin.value) : ""],
    ["submitted", timeWords(job.createTime)],
    ["started", timeWords(job.startTime)],
    ["ended", timeWords(job.endTime)],
    ["device", job.device],
    [
      "workers",
      attempt === 0 ? "" : `${attempt} so far${lostWorkers === 0 ? "" : `, ${lostWorkers} lost`}`,
    ],
    ["progress", progressWords(job)],
    [
      "losses",
      losses === null
        ? ""
        : `${
          lossWords({ D: losses.lossD, G: losses.lossGGan, L1: losses.lossGL1 })
        } at step ${losses.step}, ${losses.imagesPerSecond.toFixed(1)} img/s`,
    ],
    ["validation", measures.length === 0 ? "" : `step ${validated}: ${measures.join(", ")}`],
    ["events", formatCount(job.latestSequence)],
  ];
  return rows;
}

function checkpointWords(reference: CheckpointReference__Output): string {
  const checkpoint = memberOf(reference, "checkpoint");
  const which = checkpoint?.kind === "step"
    ? `step ${checkpoint.value}`
    : checkpoint?.value === "CHECKPOINT_CHOICE_BEST"
    ? "the best"
    : "the newest";
  return `${reference.jobId}, ${which}`;
}

function timeWords(time: TrainingJob__Output["createTime"]): string {
  const moment = momentOf(time);
  return moment === "" ? "" : `${moment} UTC`;
}

function progressWords({ progress }: TrainingJob__Output): string {
  if (progress === null) return "";
  const { step, totalSteps, epoch, photosDone, photosTotal } = progress;
  const phase = wordOf("TRAINING_PHASE_", progress.phase)?.toLowerCase();
  const left = durationMsOf(progress.timeLeft);
  const parts = [
    ...phase === undefined ? [] : [phase],
    totalSteps === 0
      ? counted(step, "step")
      : `${formatCount(step)} of ${counted(totalSteps, "step")}`,
    ...epoch > 0 ? [`epoch ${epoch.toFixed(1)}`] : [],
    ...photosTotal > 0 ? [`${formatCount(photosDone)} of ${counted(photosTotal, "photo")}`] : [],
    ...left === undefined ? [] : [`${formatDuration(left)} left`],
  ];
  return parts.join(", ");
}
