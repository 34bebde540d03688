import { useEffect, useState } from "preact/hooks";
import { call } from "../../web_parts/contract/calls.ts";
import type { Job } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Empty, Note, Progress, Segmented } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { SparkLine } from "../../web_parts/parts/spark_line.tsx";
import { StateChip } from "../../web_parts/parts/state_chip.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { useKeys } from "../../web_parts/parts/use_keys.ts";
import { setQuery, useRoute } from "../../web_parts/parts/use_route.ts";
import {
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
import { useSparks } from "./use_sparks.ts";
import { SheetThumb } from "../../web_cards/sheets/sheet_thumb.tsx";
import { useThumb } from "../../web_cards/sheets/use_thumb.ts";

/** The filter by state: its words and the states it shows. */
const groups = {
  all: { text: "All", states: [] },
  running: { text: "Running", states: ["RUNNING", "PAUSING", "CANCELLING"] },
  queued: { text: "Queued", states: ["QUEUED"] },
  paused: { text: "Paused", states: ["PAUSED"] },
  ended: { text: "Ended", states: ["SUCCEEDED", "CANCELLED"] },
  failed: { text: "Failed", states: ["FAILED"] },
} as const;

/** All jobs, live. */
export function JobsPage() {
  const { value, error, refresh } = useAnswer<{ jobs?: readonly Job[]; nextPageToken?: string }>(
    "TrainingJobService/ListTrainingJobs",
    { pageSize: 200 },
    1500,
  );
  const { query } = useRoute();
  const group = (query.get("state") ?? "all") as keyof typeof groups;
  const search = query.get("find") ?? "";
  const label = query.get("label") ?? "";
  const jobs = value?.jobs ?? [];
  const isIn = (job: Job, states: readonly string[]) =>
    states.length === 0 || states.includes(stateWord(job.state));
  const labels = [
    ...new Set(
      jobs.flatMap((job) => Object.entries(job.labels ?? {}).map(([k, v]) => `${k}=${v}`)),
    ),
  ].sort();
  const shown = jobs.filter((job) =>
    isIn(job, groups[group]?.states ?? []) && matches(job, search, label)
  );
  const sparks = useSparks(shown);
  const [at, setAt] = useState(-1);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const pick = (jobId: string) =>
    setPicked((ids) => ids.includes(jobId) ? ids.filter((id) => id !== jobId) : [...ids, jobId]);
  const compare = `#/compare?jobs=${picked.join(",")}`;
  const move = (by: number) =>
    setAt((before) => Math.max(0, Math.min(shown.length - 1, before + by)));
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const job = shown[at];
      if (job) location.hash = `#/jobs/${job.jobId}`;
    },
    n: () => (location.hash = "#/new"),
    x: () => {
      const job = shown[at];
      if (job) pick(job.jobId);
    },
    c: () => {
      if (picked.length > 0) location.hash = compare;
    },
  });
  const running = jobs.filter((job) => isIn(job, groups.running.states)).length;
  const queued = jobs.filter((job) => isIn(job, groups.queued.states)).length;
  return (
    <>
      <div class="page-head">
        <h1>Jobs</h1>
        <span class="soft">{running} running, {queued} queued</span>
        <span class="spacer" />
        {picked.length > 0 && (
          <>
            <button type="button" class="quiet" onClick={() => setPicked([])}>Select none</button>
            <a class="button" href={compare}>
              <Icon name="compare" /> Compare {counted(picked.length, "job")} <kbd>c</kbd>
            </a>
          </>
        )}
        <a class="button primary" href="#/new">
          <Icon name="plus" /> New job <kbd>n</kbd>
        </a>
      </div>
      <div class="filters">
        <Segmented
          label="State"
          value={group}
          choices={Object.entries(groups).map(([name, { text, states }]) => ({
            value: name as keyof typeof groups,
            text,
            count: jobs.filter((job) => isIn(job, states)).length,
          }))}
          onChange={(to) => setQuery({ state: to === "all" ? undefined : to })}
        />
        <input
          type="search"
          placeholder="Name, id, dataset"
          aria-label="Find a job by name, id or dataset"
          value={search}
          onInput={({ currentTarget }) => setQuery({ find: currentTarget.value })}
        />
        {labels.length > 0 && (
          <label class="inline">
            Label{" "}
            <select
              value={label}
              onChange={({ currentTarget }) => setQuery({ label: currentTarget.value })}
            >
              <option value="">any</option>
              {labels.map((each) => <option key={each} value={each}>{each}</option>)}
            </select>
          </label>
        )}
      </div>
      {error && <Note kind="error">{error.message}</Note>}
      {value && jobs.length === 0 && (
        <Empty title="No jobs yet">
          <p>Train a colorizer on your own photos.</p>
          <a class="button primary" href="#/new">
            <Icon name="plus" /> New job
          </a>
          <p>
            <code>deno task tinct submit photos</code>
          </p>
        </Empty>
      )}
      {jobs.length > 0 && shown.length === 0 && (
        <Empty title="No job fits these filters">
          <p>{whole(jobs.length)} jobs are hidden.</p>
          <button
            type="button"
            class="button"
            onClick={() => setQuery({ state: undefined, find: undefined, label: undefined })}
          >
            Clear filters
          </button>
        </Empty>
      )}
      {shown.length > 0 && (
        <table class="jobs card">
          <thead>
            <tr>
              <th class="tick">
                <span class="unseen">Select</span>
              </th>
              <th>State</th>
              <th>Probe</th>
              <th>Job</th>
              <th class="steps">Step</th>
              <th>loss_G_L1</th>
              <th class="number">now</th>
              <th class="number">PSNR dB</th>
              <th class="number">ΔE2000</th>
              <th class="number">images/s</th>
              <th class="number">Time left</th>
              <th class="number">Started</th>
              <th>
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((job, index) => (
              <Row
                key={job.jobId}
                job={job}
                isAt={index === at}
                isPicked={picked.includes(job.jobId)}
                onPick={() => pick(job.jobId)}
                values={sparks.get(job.jobId) ?? []}
                refresh={refresh}
              />
            ))}
          </tbody>
        </table>
      )}
      <footer class="page-foot">
        <span>Times in your zone, {Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
        <span class="keys">
          <kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>Enter</kbd> open <kbd>x</kbd> select{" "}
          <kbd>c</kbd> compare <kbd>?</kbd> all keys
        </span>
      </footer>
    </>
  );
}

function matches(job: Job, search: string, label: string): boolean {
  const { jobId, displayName = "", dataset = "", labels = {} } = job;
  const text = `${jobId} ${displayName} ${dataset}`.toLowerCase();
  return text.includes(search.toLowerCase()) &&
    (label === "" || Object.entries(labels).some(([k, v]) => `${k}=${v}` === label));
}

function Row({ job, isAt, isPicked, onPick, values, refresh }: {
  job: Job;
  isAt: boolean;
  isPicked: boolean;
  onPick: () => void;
  values: readonly number[];
  refresh: () => void;
}) {
  const { jobId, displayName, dataset, labels = {}, latestLosses, latestValidation } = job;
  const word = stateWord(job.state);
  const name = displayName || jobId;
  const step = num(job.progress?.step);
  const total = num(job.progress?.totalSteps);
  const thumb = useThumb(job);
  const isRunning = word === "RUNNING";
  useEffect(() => {
    if (isAt) document.getElementById(`row-${jobId}`)?.scrollIntoView({ block: "nearest" });
  }, [isAt]);
  const took = job.endTime && job.startTime
    ? (Date.parse(job.endTime) - Date.parse(job.startTime)) / 1000
    : undefined;
  return (
    <>
      <tr
        id={`row-${jobId}`}
        class={`${isAt ? "at" : ""} ${isPicked ? "selected" : ""}`}
        onClick={({ target }) => {
          if (target instanceof Element && !target.closest("a, button, .tick")) {
            location.hash = `#/jobs/${jobId}`;
          }
        }}
      >
        <td class="tick">
          <label>
            <input
              type="checkbox"
              aria-label={`Select ${name}`}
              checked={isPicked}
              onChange={onPick}
            />
          </label>
        </td>
        <td class="cell-state">
          <StateChip state={job.state} />
        </td>
        <td class="cell-thumb">
          <span class="thumb">{thumb && <SheetThumb {...thumb} />}</span>
        </td>
        <td class="cell-name">
          <a class="name" href={`#/jobs/${jobId}`}>{name}</a>
          <span class="under">
            <code>{jobId}</code> <span>{dataset}</span>
            {Object.entries(labels).map(([key, text]) =>
              key === "sweep"
                ? (
                  <a class="tag" key={key} href={`#/compare?sweep=${encodeURIComponent(text)}`}>
                    {text}
                  </a>
                )
                : <span class="tag" key={key}>{text === "" ? key : text}</span>
            )}
          </span>
        </td>
        <td class="steps">
          {word === "QUEUED"
            ? `place ${job.queuePosition ?? 1} in the queue`
            : (
              <span class="step-cell">
                <Progress
                  share={total > 0 ? step / total : word === "SUCCEEDED" ? 1 : 0}
                  state={word}
                  label={`Steps of ${name}`}
                />
                <span>{whole(step)}{total > 0 && <small>&nbsp;/ {whole(total)}</small>}</span>
              </span>
            )}
        </td>
        <td class="cell-spark">
          <SparkLine values={values} label={`loss_G_L1 of ${name}`} />
        </td>
        <td class="number" data-label="L1">{figure(latestLosses?.lossGL1)}</td>
        <td class="number" data-label="PSNR">{fixed(latestValidation?.psnrDb, 2)}</td>
        <td class="number" data-label="ΔE">{fixed(latestValidation?.deltaE2000, 2)}</td>
        <td class="number" data-label="images/s">
          {isRunning ? figure(latestLosses?.imagesPerSecond) : "–"}
        </td>
        <td class="number cell-left">
          {isRunning
            ? span(secondsOf(job.progress?.timeLeft))
            : took === undefined
            ? "–"
            : `took ${span(took)}`}
        </td>
        <td class="number cell-time" title={fullTime(job.startTime ?? job.createTime)}>
          {moment(job.startTime ?? job.createTime)}
        </td>
        <td class="cell-action">
          <RowAction job={job} refresh={refresh} />
        </td>
      </tr>
      {job.failure && (
        <tr class="row-note">
          <td colSpan={13}>
            <Note kind="error">
              <span>{job.failure.message}</span> <a href={`#/jobs/${jobId}`}>Open it</a>
            </Note>
          </td>
        </tr>
      )}
    </>
  );
}

function RowAction({ job, refresh }: { job: Job; refresh: () => void }) {
  const toast = useToast();
  const word = stateWord(job.state);
  const act = (method: string) =>
    void call(`TrainingJobService/${method}`, { jobId: job.jobId })
      .then(refresh, ({ message }) => toast(message, "error"));
  if (word === "RUNNING" || word === "QUEUED") {
    return (
      <button type="button" class="button small" onClick={() => act("PauseTrainingJob")}>
        Pause
      </button>
    );
  }
  if (word === "PAUSED") {
    return (
      <button type="button" class="button small" onClick={() => act("ResumeTrainingJob")}>
        Resume
      </button>
    );
  }
  if (word !== "SUCCEEDED" && word !== "CANCELLED") return null;
  if (num(job.progress?.step) === 0) return null;
  return <a class="button small" href={`#/colorize?job=${job.jobId}`}>Colorize</a>;
}
