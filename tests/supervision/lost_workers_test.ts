import assert from "assert";
import process from "node:process";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import { answer } from "../service/scene.ts";
import {
  changesOf,
  type Event,
  openWorkingScene,
  stateOf,
  stepsBefore,
  watchUntil,
} from "../service/working_scene.ts";
import { endlessConfig } from "../service/workshop.ts";

/** Ends every worker at once with exit code 1. */
const deadly = { DENO_V8_FLAGS: "--no-such-flag" };
const isLosses = ({ event }: Event) => event === "losses";
const isLoss = ({ state }: Event) => state?.trigger === "JOB_TRIGGER_WORKER_LOST";

Deno.test("watchers see a killed worker's job resumed three times, then failed, with signal and step", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const jobId = await working.train({ ...endlessConfig, checkpointEvery: 5 });
  const watching = watchUntil(scene, { jobId }, () => false);
  watching.catch(() => {}); // told where it is awaited
  let from = 1;
  let saved = 0;
  for (let kills = 0; kills < 4; kills++) {
    // The first worker has written a checkpoint; the others are killed on their way to the next.
    const isIt = kills === 0 ? ({ event }: Event) => event === "checkpoint" : isLosses;
    const seen = await watchUntil(scene, { jobId, fromSequence: from }, isIt);
    if (kills > 0) assert.equal(stepsBefore(seen.at(-1)!), saved, "from the last checkpoint");
    process.kill(working.workerPid(jobId), "SIGKILL");
    const next = seen.at(-1)!.sequence + 1;
    const lost = await watchUntil(
      scene,
      { jobId, fromSequence: next },
      (event) => isLoss(event) || stateOf(event) === "FAILED",
    );
    const all = [...seen, ...lost];
    saved = Math.max(saved, ...all.flatMap(({ checkpoint }) => checkpoint?.step ?? []));
    const told = lost.at(-1)!;
    assert.deepEqual([told.state?.signal, told.state?._exitCode], ["SIGKILL", undefined]);
    const done = Math.max(saved, ...all.flatMap(({ losses }) => losses?.step ?? []));
    assert.equal(told.state?.step, done, "the last step that was heard of");
    from = told.sequence + 1;
  }
  const whole = await watching; // ended by itself
  whole.forEach(({ sequence }, index) => assert.equal(sequence, index + 1));
  assert.deepEqual(changesOf(whole), [
    "UNSPECIFIED→QUEUED by SUBMITTED",
    "QUEUED→RUNNING by STARTED",
    ...Array<string>(3).fill("RUNNING→RUNNING by WORKER_LOST"),
    "RUNNING→FAILED by FAILED",
  ]);
  const failure = whole.at(-1)?.state?.failure;
  assert.equal(failure?.code, 13);
  assert.match(failure?.message ?? "", /4th lost worker: .*ended by SIGKILL, after step \d+\./);
  assert.match(failure?.message ?? "", /If it was the system that was short of memory, a smaller/);
  const { job } = await answer<GetTrainingJobResponse__Output>((back) =>
    scene.jobs.getTrainingJob({ jobId }, back)
  );
  assert.deepEqual([job?.state, job?.attempt, job?.lostWorkers], ["JOB_STATE_FAILED", 4, 3]);
  assert.deepEqual(job?.failure, failure);
});

Deno.test("workers that end by themselves are told with their exit code", async () => {
  await using working = await openWorkingScene({ environment: deadly });
  const jobId = await working.train();
  const seen = await watchUntil(working.scene, { jobId }, () => false);
  const told = seen.flatMap(({ state }) => state ?? []).slice(2);
  assert.deepEqual(told.map(({ exitCode, signal, _step }) => [exitCode, signal, _step]), [
    ...Array(4).fill([1, "", undefined]),
  ]);
  assert.match(
    told.at(-1)?.failure?.message ?? "",
    /4th lost worker: .*ended with exit code 1, before its first step/,
  );
});

Deno.test("pauses between the workers of a job grow, and it can be cancelled in one", async () => {
  await using working = await openWorkingScene({
    limits: { restartDelaysMs: [300, 900, 60_000] },
    environment: deadly,
  });
  const { scene } = working;
  const jobId = await working.train();
  let losses = 0;
  await watchUntil(scene, { jobId }, (event) => isLoss(event) && ++losses === 3);
  const starts = working.log.filter(({ message }) => message === "A worker to train starts.");
  assert.equal(starts.length, 3);
  await answer((back) => scene.jobs.cancelTrainingJob({ jobId }, back));
  const seen = await watchUntil(scene, { jobId }, () => false);
  assert.equal(changesOf(seen).at(-1), "CANCELLING→CANCELLED by CANCELLED");
  const times = seen.filter(isLoss).map(({ time }) =>
    Number(time?.seconds) * 1000 + Number(time?.nanos) / 1e6
  );
  const [first = 0, second = 0, third = 0] = times;
  assert.ok(second - first >= 300 && third - second >= 900, `${times}`);
});
