import assert from "assert";
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { CancelTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/cancel_training_job_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { answer, ending } from "../service/scene.ts";
import { slowness } from "./slowness.ts";
import {
  changesOf,
  type Event,
  openWorkingScene,
  stateOf,
  watchUntil,
  type WorkingScene,
} from "../service/working_scene.ts";
import { endlessConfig } from "../service/workshop.ts";

/** Within which another job has the device, on a calm machine. A step of these jobs takes about 10 ms. */
const FREE_MS = 1000;
/** More are made where it took longer. */
const TRIES = 4;

/**
 * The same where others' work fills the machine. A training worker has a nice value of 5, by which it
 * gets about a third of what another process gets.
 */
function freeMs(): number {
  const times = slowness();
  return times < 1.2 ? FREE_MS : FREE_MS * 3 * times;
}

/** Where a job is cancelled. */
interface Moment {
  readonly what: string;
  readonly config: TrainingConfig;
  /** The event at which it is cancelled. */
  readonly at: (event: Event) => boolean;
  /** What a job that went on from there would tell of next; none of it may come. */
  readonly never?: (event: Event) => boolean;
  /** Whether its photos must not be prepared yet. */
  readonly isNew?: true;
}

const inPhase = (phase: string) => ({ heartbeat }: Event) =>
  heartbeat?.progress?.phase === `TRAINING_PHASE_${phase}`;
const isSample = ({ event }: Event) => event === "sample";
const isValidation = ({ event }: Event) => event === "validation";

/** Nine tenths of the photos are measured, which takes longer than a step by far. */
const measuring = { ...endlessConfig, validationFraction: 0.9, validationPhotos: 100_000 };

const moments: readonly Moment[] = [
  {
    what: "while its worker is started",
    config: endlessConfig,
    at: (event) => stateOf(event) === "RUNNING",
    never: ({ event }) => event === "losses",
  },
  {
    what: "while its photos are prepared",
    config: endlessConfig,
    at: inPhase("PREPARING"),
    never: inPhase("STARTING"),
    isNew: true,
  },
  {
    what: "while TensorFlow is started",
    config: endlessConfig,
    at: inPhase("STARTING"),
  },
  { what: "while it trains", config: endlessConfig, at: ({ event }) => event === "losses" },
  {
    what: "while it validates",
    config: { ...measuring, validateEvery: 1 },
    at: inPhase("VALIDATING"),
    never: isValidation,
  },
  {
    what: "while it validates for the last time",
    config: { ...measuring, validateEvery: 1_000_000, maxSteps: 3 },
    at: inPhase("VALIDATING"),
    never: isValidation,
  },
  {
    what: "while it makes sample sheets",
    config: { ...endlessConfig, sampleEvery: 1, sampleCount: 64 },
    at: isSample,
  },
  {
    what: "while it saves",
    config: { ...endlessConfig, checkpointEvery: 1, keepCheckpoints: 1 },
    at: inPhase("SAVING"),
  },
];

/** Makes a dataset of so many photos that preparing them takes a while. */
async function copyScenes({ scene }: WorkingScene, dataset: string): Promise<void> {
  const folder = scene.join("photos", dataset);
  await mkdir(folder);
  for (let index = 0; index < 800; index++) {
    const photo = scene.join("photos", "scenes", `scene-${index % 8}.png`);
    await copyFile(photo, join(folder, `${index}.png`));
  }
}

/** Submits a job on a dataset. */
async function submit({ scene }: WorkingScene, dataset: string, config: TrainingConfig) {
  const { job } = await answer<TrainResponse__Output>((back) =>
    scene.colorization.train({ dataset, config }, back)
  );
  return job?.jobId ?? "";
}

async function cancel({ scene }: WorkingScene, jobId: string): Promise<string | undefined> {
  const { job } = await answer<CancelTrainingJobResponse__Output>((back) =>
    scene.jobs.cancelTrainingJob({ jobId }, back)
  );
  return job?.state;
}

/** Cancels a job, with another one behind it. @returns how long that one waited, in milliseconds. */
async function cancelAt(working: WorkingScene, dataset: string, { config, at, never }: Moment) {
  const { scene } = working;
  const [jobId, next] = [
    await submit(working, dataset, config),
    await submit(working, "scenes", endlessConfig),
  ];
  const seen = await watchUntil(scene, { jobId }, at);
  const askedMs = Date.now();
  assert.equal(await cancel(working, jobId), "JOB_STATE_CANCELLING");
  const fromSequence = seen.at(-1)!.sequence + 1;
  const rest = await watchUntil(scene, { jobId, fromSequence }, () => false);
  assert.deepEqual(changesOf([...seen, ...rest]), [
    ...["UNSPECIFIED→QUEUED by SUBMITTED", "QUEUED→RUNNING by STARTED"],
    ...["RUNNING→CANCELLING by CANCEL_REQUESTED", "CANCELLING→CANCELLED by CANCELLED"],
  ]);
  if (never) assert.ok(!rest.some(never), "it went on");
  const events = await watchUntil(scene, { jobId: next }, (event) => stateOf(event) === "RUNNING");
  const { time } = events.at(-1)!;
  await cancel(working, next);
  await watchUntil(scene, { jobId: next }, () => false);
  return Number(time?.seconds) * 1000 + Number(time?.nanos) / 1e6 - askedMs;
}

Deno.test("a job that is cancelled, wherever it is, is CANCELLED, and the next one has the device within a second", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  for (const moment of moments) {
    await t.step(moment.what, async () => {
      const times: number[] = [];
      let isFree = false;
      while (times.length < TRIES && !isFree) {
        const beforeMs = freeMs();
        const dataset = moment.isNew ? `new-${times.length}` : "many";
        if (!existsSync(scene.join("photos", dataset))) await copyScenes(working, dataset);
        const tookMs = await cancelAt(working, dataset, moment);
        times.push(tookMs);
        isFree = tookMs < Math.max(beforeMs, freeMs());
      }
      assert.ok(isFree, `the next job waited ${times.map(Math.round)} ms`);
    });
  }

  await t.step("in the queue, at once and for good", async () => {
    const [first, second] = [await working.train(), await working.train()];
    assert.equal(await cancel(working, second), "JOB_STATE_CANCELLED");
    await cancel(working, first);
    await watchUntil(scene, { jobId: first }, () => false);
    const events = await watchUntil(scene, { jobId: second }, () => false);
    assert.deepEqual(changesOf(events), [
      "UNSPECIFIED→QUEUED by SUBMITTED",
      "QUEUED→CANCELLED by CANCEL_REQUESTED",
    ]);
    assert.equal(await cancel(working, second), "JOB_STATE_CANCELLED", "twice is as good as once");
  });

  await t.step("when it has just succeeded, it stays what it is", async () => {
    const jobId = await working.train({ ...endlessConfig, maxSteps: 2 });
    await watchUntil(scene, { jobId }, (event) => stateOf(event) === "SUCCEEDED");
    const result = await ending((back) => scene.jobs.cancelTrainingJob({ jobId }, back));
    assert.ok("error" in result && result.error.code === "FAILED_PRECONDITION");
    assert.match(result.error.message, /is SUCCEEDED and cannot be cancelled/);
  });
});
