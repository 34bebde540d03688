import assert from "assert";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import type { ServiceError } from "@grpc/grpc-js";
import { ServiceClient } from "../../src/client/service_client.ts";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { SILENCE_SECONDS, until } from "../in_time.ts";
import { isAlive } from "../process_facts.ts";
import { describe, ending } from "./scene.ts";
import { ServedProcess } from "./served_process.ts";
import { changesOf, type Event, stateOf, stepsBefore, watchUntil } from "./working_scene.ts";
import { endlessConfig, paintScenes, smallConfig } from "./workshop.ts";

const debug = { TINCT_DEBUG: "1" };
const isCheckpoint = ({ event }: Event) => event === "checkpoint";
const isLosses = ({ event }: Event) => event === "losses";

const clientOf = ({ address }: ServedProcess) =>
  new ServiceClient({ server: address }, { token: undefined });

async function dataFolder(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos", "scenes"), 8);
  return folder;
}

async function train(client: ServiceClient, config: TrainingConfig): Promise<string> {
  const { job } = await client.ask<TrainResponse__Output>((back) =>
    client.colorization.train({ dataset: "scenes", config }, back)
  );
  return job?.jobId ?? "";
}

async function getJob(client: ServiceClient, jobId: string) {
  const { job } = await client.ask<GetTrainingJobResponse__Output>((back) =>
    client.jobs.getTrainingJob({ jobId }, back)
  );
  assert.ok(job);
  return job;
}

const isUnavailable = (error: ServiceError) => describe(error).code === "UNAVAILABLE";

Deno.test("after kill -9 of the server queued jobs wait on, and the running one and its stream go on, also when its worker hangs", async () => {
  await using folder = await dataFolder();
  const seen: Event[] = [];
  const ids: string[] = [];
  {
    await using served = await ServedProcess.start(folder.path, ["--threads", "1"], debug);
    using client = clientOf(served);
    const config = { ...endlessConfig, checkpointEvery: 5 };
    for (const each of [config, smallConfig, smallConfig]) ids.push(await train(client, each));
    const [jobId = ""] = ids;
    const watching = watchUntil(client, { jobId }, () => false, seen);
    watching.catch(() => {}); // told where it is awaited
    let checkpoints = 0;
    await watchUntil(client, { jobId }, (event) => isCheckpoint(event) && ++checkpoints === 2);
    const worker = served.workerPid(jobId);
    await served.end("SIGKILL");
    await assert.rejects(watching, isUnavailable);
    await goneWithin(worker, 10_000);
  }
  const [jobId = "", ...queued] = ids;
  const written = await readdir(folder.join("jobs", jobId, "checkpoints"));
  const saved = Math.max(...written.map((name) => Number(/^step-(\d+)$/.exec(name)?.[1] ?? 0)));
  assert.ok(saved >= 10, `${written}`);

  const args = ["--threads", "1", "--heartbeat-seconds", `${SILENCE_SECONDS}`];
  await using served = await ServedProcess.start(folder.path, args, debug);
  using client = clientOf(served);
  const fromSequence = (seen.at(-1)?.sequence ?? 0) + 1;
  const rest = await watchUntil(
    client,
    { jobId, fromSequence },
    (event) => isLosses(event) && event.attempt === 2,
  );
  const all = [...seen, ...rest];
  all.forEach(({ sequence }, index) => assert.equal(sequence, index + 1, "no gap, no repetition"));
  assert.deepEqual(changesOf(all).slice(2), [
    "RUNNING→QUEUED by SERVER_STOPPED",
    "QUEUED→RUNNING by STARTED",
  ]);
  assert.equal(stepsBefore(rest.at(-1)!), saved, "it goes on from its last checkpoint");
  const running = await getJob(client, jobId);
  assert.deepEqual([running.state, running.lostWorkers], ["JOB_STATE_RUNNING", 0]);
  for (const [index, id] of queued.entries()) {
    const { state, queuePosition } = await getJob(client, id);
    assert.deepEqual([state, queuePosition], ["JOB_STATE_QUEUED", index + 1]);
  }
  const again = await watchUntil(client, { jobId }, ({ sequence }) => sequence === all.length);
  assert.deepEqual(again, all, "the store has what the first stream told");
  await hangs(served, client, { jobId, fromSequence: all.length + 1, saved });
  await client.ask((back) => client.jobs.cancelTrainingJob({ jobId }, back));
  for (const id of queued) {
    const history = await watchUntil(client, { jobId: id }, () => false);
    assert.deepEqual(changesOf(history).slice(1), [
      "QUEUED→RUNNING by STARTED",
      "RUNNING→SUCCEEDED by SUCCEEDED",
    ]);
  }
  assert.equal(await served.end("SIGTERM"), 0);
});

Deno.test("SIGTERM while a worker hangs: health, refusals, the ends of streams, and an exit in time", async () => {
  await using folder = await dataFolder();
  const args = ["--threads", "1", "--drain-seconds", "4"];
  await using served = await ServedProcess.start(folder.path, args, debug);
  using client = clientOf(served);
  const jobId = await train(client, endlessConfig);
  await watchUntil(client, { jobId }, isLosses);
  await noTensorFlowIn(served.pid);

  const seen: Event[] = [];
  const watching = watchUntil(client, { jobId }, () => false, seen);
  watching.catch(() => {}); // told where it is awaited
  const photos = client.colorization.colorizeStream();
  photos.resume();
  const photosEnded = once(photos, "error");
  const statuses: string[] = [];
  const stopping = Promise.withResolvers<void>();
  const watch = client.health.watch({ service: "" });
  const watchEnded = once(watch, "error");
  watch.on("data", ({ status }: { status: string }) => {
    statuses.push(status);
    if (status === "NOT_SERVING") stopping.resolve();
  });
  await once(watch, "data");

  process.kill(served.workerPid(jobId), "SIGSTOP"); // it cannot write its checkpoint
  const startedMs = performance.now();
  const ended = served.end("SIGTERM");
  await stopping.promise;
  const refused = await ending<unknown>((back) =>
    client.jobs.getTrainingJob({ jobId }, (error, value) => back(error ?? null, value))
  );
  assert.ok("error" in refused && refused.error.code === "UNAVAILABLE", "no new calls");
  assert.equal(refused.error.retryDelayMs, 1000);
  assert.equal(await ended, 0);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs > 2500 && tookMs < 5000, `it stopped within ${tookMs} ms`);
  await assert.rejects(watching, isUnavailable);
  assert.equal(
    changesOf(seen).at(-1),
    "RUNNING→QUEUED by SERVER_STOPPED",
    "the last that was told",
  );
  assert.ok(isUnavailable((await photosEnded)[0]));
  assert.ok(isUnavailable((await watchEnded)[0]));
  assert.deepEqual(statuses, ["SERVING", "NOT_SERVING"]);

  await using restarted = await ServedProcess.start(folder.path, args);
  using later = clientOf(restarted);
  const fromSequence = (seen.at(-1)?.sequence ?? 0) + 1;
  await watchUntil(later, { jobId, fromSequence }, isLosses);
  assert.equal(await restarted.end("SIGTERM"), 0);
});

/** A worker that hangs is killed after --heartbeat-seconds, and its job goes on from what was saved. */
async function hangs(
  served: ServedProcess,
  client: ServiceClient,
  { jobId, fromSequence, saved }: {
    readonly jobId: string;
    readonly fromSequence: number;
    readonly saved: number;
  },
): Promise<void> {
  process.kill(served.workerPid(jobId), "SIGSTOP");
  const rest = await watchUntil(
    client,
    { jobId, fromSequence },
    (event) => isLosses(event) && event.attempt === 3,
  );
  const lost = rest.find(({ state }) => state?.trigger === "JOB_TRIGGER_WORKER_LOST")?.state;
  assert.match(lost?.message ?? "", /killed, as it gave no sign of life for 20 s/);
  assert.equal(lost?.signal, "SIGKILL");
  const newest = Math.max(saved, ...rest.flatMap(({ checkpoint }) => checkpoint?.step ?? 0));
  assert.equal(stepsBefore(rest.at(-1)!), newest);
  assert.ok(!rest.some((event) => stateOf(event) === "FAILED"));
}

/** Waits until a process is gone. */
async function goneWithin(pid: number, timeoutMs: number): Promise<void> {
  await until(async () => !await isAlive(pid), `the worker ${pid} is gone`, timeoutMs / 1000);
}

/** The server's process computes nothing: it has not even loaded the library. */
async function noTensorFlowIn(pid: number): Promise<void> {
  const maps = await readFile(`/proc/${pid}/maps`, "utf8");
  assert.match(maps, /deno/);
  assert.doesNotMatch(maps, /libtensorflow/);
}
