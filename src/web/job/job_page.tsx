import { useEffect, useState } from "preact/hooks";
import { call } from "../../web_parts/contract/calls.ts";
import type { Job } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { type JobLive, useJobLive } from "../../web_parts/live/job_live.ts";
import { Empty, Note } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { StateChip } from "../../web_parts/parts/state_chip.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { useKeys } from "../../web_parts/parts/use_keys.ts";
import {
  bytes,
  counted,
  figure,
  fixed,
  fullTime,
  moment,
  num,
  secondsOf,
  span,
  stateWord,
  whole,
} from "../../web_parts/words.ts";
import { CancelDialog } from "./cancel_dialog.tsx";
import { CheckpointsCard } from "./checkpoints_card.tsx";
import { ConfigCard } from "./config_card.tsx";
import { CurvesCard } from "./curves_card.tsx";
import { eventsOf, HealthCard } from "./health_card.tsx";
import { LogCard } from "./log_card.tsx";
import { SamplesCard } from "../../web_cards/sheets/samples_card.tsx";

/** Everything about one job, live. */
export function JobPage({ jobId }: { jobId: string }) {
  const live = useJobLive(jobId);
  const [isWaiting, setWaiting] = useState(true);
  // Events tell what a job does; only its place in the queue must be asked for.
  const { value, error, refresh } = useAnswer<{ job: Job }>(
    "TrainingJobService/GetTrainingJob",
    { jobId },
    isWaiting ? 2000 : 15_000,
  );
  useEffect(() => {
    if (live && live.version > 0) refresh();
  }, [live?.states.length, live?.validations.length]);
  useEffect(() => setWaiting(stateWord(value?.job.state ?? "") === "QUEUED"), [value]);
  const [isCancelling, setCancelling] = useState(false);
  const [wanted, setWanted] = useState<number>();
  const toast = useToast();
  const job = value?.job;
  const act = (method: string) => {
    call(`TrainingJobService/${method}`, { jobId }).then(
      refresh,
      ({ message }) => toast(message, "error"),
    );
  };
  const can = allowed(job?.state);
  useKeys({
    p: () => {
      if (can.pause) act("PauseTrainingJob");
      else if (can.resume) act("ResumeTrainingJob");
    },
  });
  if (error) {
    return (
      <Empty title="There is no such job">
        <p>{error.message}</p>
        <a class="button" href="#/">All jobs</a>
      </Empty>
    );
  }
  if (!job || !live) return <p class="pad soft" role="status">Opening {jobId}</p>;
  return (
    <>
      <div class="page-head">
        <a class="back" href="#/">
          <Icon name="left" /> Jobs
        </a>
        <h1>{job.displayName || job.jobId}</h1>
        <StateChip state={job.state} />
        {Object.entries(job.labels ?? {}).map(([key, text]) => (
          <span class="tag" key={key}>{text === "" ? key : `${key} ${text}`}</span>
        ))}
        <code class="soft">{job.jobId}</code>
        <span class="soft">
          on <a href="#/datasets">{job.dataset}</a>
        </span>
        <span class="spacer" />
        {can.pause && (
          <button type="button" class="button" onClick={() => act("PauseTrainingJob")}>
            <Icon name="pause" /> Pause <kbd>p</kbd>
          </button>
        )}
        {can.resume && (
          <button
            type="button"
            class="button"
            onClick={() => act("ResumeTrainingJob")}
          >
            <Icon name="play" /> Resume <kbd>p</kbd>
          </button>
        )}
        {live.checkpoints.length > 0 && (
          <a class="button" href={`#/colorize?job=${jobId}`}>
            <Icon name="colorize" /> Colorize
          </a>
        )}
        <a class="button" href={`#/new?from=${jobId}`}>
          <Icon name="copy" /> Clone
        </a>
        {can.cancel && (
          <button
            type="button"
            class="button danger"
            onClick={() => setCancelling(true)}
          >
            Cancel…
          </button>
        )}
      </div>
      {job.failure && (
        <Note kind="error">
          <strong>{job.failure.message}</strong>{" "}
          {live.checkpoints.length > 0 && (
            <a href={`#/new?from=${jobId}&start=${num(live.checkpoints.at(-1)?.step)}`}>
              Start from step {whole(live.checkpoints.at(-1)?.step)}
            </a>
          )}
        </Note>
      )}
      <KeyNumbers job={job} live={live} />
      <div class="columns">
        <div class="column">
          <CurvesCard
            live={live}
            total={num(job.progress?.totalSteps)}
            events={eventsOf(live)}
            onStep={setWanted}
          />
          <ConfigCard job={job} />
          <LogCard live={live} />
        </div>
        <div class="column">
          <SamplesCard live={live} wanted={wanted} />
          <HealthCard live={live} />
          <CheckpointsCard job={job} live={live} />
        </div>
      </div>
      {isCancelling && (
        <CancelDialog
          job={job}
          checkpoints={live.checkpoints.length}
          canPause={can.pause}
          onClose={() => setCancelling(false)}
          onPause={() => act("PauseTrainingJob")}
          onCancel={() => act("CancelTrainingJob")}
        />
      )}
    </>
  );
}

/** What may be asked of a job in a state. */
function allowed(state = ""): { pause: boolean; resume: boolean; cancel: boolean } {
  const word = stateWord(state);
  return {
    pause: word === "RUNNING" || word === "QUEUED",
    resume: word === "PAUSED",
    cancel: ["RUNNING", "QUEUED", "PAUSED", "PAUSING"].includes(word),
  };
}

function KeyNumbers({ job, live }: { job: Job; live: JobLive }) {
  const { latestValidation: measured, latestLosses } = job;
  const step = Math.max(
    num(live.progress?.step),
    num(job.progress?.step),
    live.curves.steps.at(-1) ?? 0,
  );
  const total = num(job.progress?.totalSteps);
  const left = stateWord(job.state) === "RUNNING"
    ? secondsOf(live.progress?.timeLeft ?? job.progress?.timeLeft)
    : undefined;
  const took = job.endTime && job.startTime
    ? (Date.parse(job.endTime) - Date.parse(job.startTime)) / 1000
    : undefined;
  const best = live.validations.findLast((each) => each.best);
  const numbers = [
    {
      name: "Step",
      value: whole(step),
      note: total > 0 ? `of ${whole(total)} · ${Math.floor(100 * step / total)} %` : "",
    },
    took === undefined
      ? { name: "Time left", value: span(left), note: phaseWords(job) }
      : { name: "Took", value: span(took), note: `ended ${moment(job.endTime)}` },
    {
      name: "Speed",
      value: figure(live.curves.newest("images_per_second") ?? latestLosses?.imagesPerSecond),
      note: "images/s",
    },
    {
      name: "loss_G_L1",
      value: figure(live.curves.newest("loss_g_l1") ?? latestLosses?.lossGL1),
      note: "",
    },
    {
      name: "PSNR",
      value: fixed(measured?.psnrDb, 2),
      note: measured ? `dB · gray ${fixed(measured.grayPsnrDb, 2)}` : "",
    },
    {
      name: "ΔE2000",
      value: fixed(measured?.deltaE2000, 2),
      note: measured ? `gray ${fixed(measured.grayDeltaE2000, 2)}` : "",
    },
    {
      name: "Best",
      value: best ? fixed(best.psnrDb, 2) : "–",
      note: best ? `dB at step ${whole(best.step)}` : "",
    },
    {
      name: "Memory",
      value: live.residentBytes > 0 ? bytes(live.residentBytes) : "–",
      note: job.device ? `worker on ${job.device}` : "",
    },
  ];
  return (
    <dl class="key-numbers card" title={fullTime(job.createTime)}>
      {numbers.map(({ name, value, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b> <small>{note}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function phaseWords({ state, progress, queuePosition, attempt = 0 }: Job): string {
  if (stateWord(state) === "QUEUED") return `place ${queuePosition ?? 1} in the queue`;
  const phase = (progress?.phase ?? "").replace("TRAINING_PHASE_", "").toLowerCase();
  const worker = attempt > 1 ? ` · ${counted(attempt, "worker")} so far` : "";
  return phase === "unspecified" ? worker : `${phase}${worker}`;
}
