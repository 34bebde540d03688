import assert from "assert";
import { readFile, watch } from "node:fs/promises";
import process from "node:process";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { SILENCE_SECONDS } from "../in_time.ts";
import { changes, endlessConfig, Workshop } from "../service/workshop.ts";
import { lossesOf } from "./losses_of.ts";

const maxSteps = 60;
const config = { ...endlessConfig, maxSteps, logEvery: 1, checkpointEvery: 5, seed: 11 };

/** Waits until a file of a checkpoint that is not complete yet is there. */
async function halfWritten(folder: string): Promise<void> {
  for await (const { filename } of watch(folder)) {
    if (filename?.startsWith(".tinct-tmp-")) return;
  }
}

const isLoss = ({ payload }: JobEvent) => payload["trigger"] === "worker_lost";

const isLosses = ({ kind }: JobEvent) => kind === "losses";
const isInPhase = (phase: string) => ({ payload: { progress } }: JobEvent) =>
  typeof progress === "object" && progress !== null && "phase" in progress &&
  progress.phase === `TRAINING_PHASE_${phase}`;

Deno.test("losses and weights after kills in a row, at a worker's start and while it saves, and a hang: as if never killed", async () => {
  await using workshop = await Workshop.open({
    maxLostWorkers: 6,
    heartbeatIntervalMs: 100,
    heartbeatTimeoutMs: SILENCE_SECONDS * 1000,
  });
  await workshop.submit("undisturbed", config);
  assert.equal(
    changes(await workshop.history("undisturbed")).at(-1),
    "RUNNING→SUCCEEDED by succeeded",
  );

  await workshop.submit("disturbed", config);
  let from = 1;
  const until = async (isIt: (event: JobEvent) => boolean) => {
    from += (await workshop.eventsUntil("disturbed", isIt, from)).length;
  };
  const kill = (signal = "SIGKILL") => process.kill(workshop.workerPid("disturbed"), signal);
  await until(({ kind }) => kind === "checkpoint");
  kill();
  await until(isLoss);
  await until(isInPhase("PREPARING"));
  kill();
  await until(isLoss);
  await until(isInPhase("STARTING"));
  kill();
  await until(isLoss);
  await until(isLosses);
  await halfWritten(workshop.folder.join("jobs", "disturbed", "checkpoints"));
  kill();
  await until(isLoss);
  await until(isLosses);
  kill("SIGSTOP");
  const history = await workshop.history("disturbed");
  assert.deepEqual(changes(history).slice(2), [
    ...Array<string>(5).fill("RUNNING→RUNNING by worker_lost"),
    "RUNNING→SUCCEEDED by succeeded",
  ]);

  const expected = await lossesOf(workshop.folder.join("jobs", "undisturbed"));
  assert.deepEqual(
    expected.map(({ step }) => step),
    Array.from({ length: maxSteps }, (_, i) => i + 1),
  );
  assert.deepEqual(
    await lossesOf(workshop.folder.join("jobs", "disturbed")),
    expected,
    "to the last bit",
  );
  const weights = (jobId: string) =>
    readFile(
      workshop.folder.join("jobs", jobId, "checkpoints", "step-00000060", "generator.safetensors"),
    );
  assert.ok((await weights("disturbed")).equals(await weights("undisturbed")));
});
