import assert from "assert";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { flagOf } from "../../src/terminal/arguments.ts";
import { ServiceClient } from "../../src/client/service_client.ts";
import type { GetCapabilitiesResponse__Output } from "../../src/protocol/generated/tinct/v1/get_capabilities_response.ts";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import type { ValidateTrainingConfigResponse__Output } from "../../src/protocol/generated/tinct/v1/validate_training_config_response.ts";
import { readMetrics } from "../../src/runs/metrics_log.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { SILENCE_SECONDS, until } from "../in_time.ts";
import { isAlive } from "../process_facts.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { answer, ending } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";
import {
  changesOf,
  type Event,
  openWorkingScene,
  stateOf,
  watchUntil,
  type WorkingScene,
} from "../service/working_scene.ts";
import { endlessConfig, paintScenes, smallConfig } from "../service/workshop.ts";

const settings = { replicas: 2 };
const isCheckpoint = ({ event }: Event) => event === "checkpoint";
const isLosses = ({ event }: Event) => event === "losses";

/** What a run left: its log without times, and the checksums of its newest checkpoint. */
async function whatIsLeft(run: string) {
  const [name = ""] = (await readdir(`${run}/checkpoints`)).filter((each) => /^step-/.test(each))
    .toSorted().reverse();
  const metrics = await readMetrics(run);
  return {
    metrics: metrics.map(({ imagesPerSecond: _, ...entry }) => entry),
    checkpoint: name,
    files: (await readCheckpointInfo(`${run}/checkpoints/${name}`)).files,
  };
}

/** The processes of a job's newest attempt, by rank. */
function pidsOf({ log }: WorkingScene, jobId: string): number[] {
  return [0, 1].map((rank) => {
    const line = log.findLast((each) => each.jobId === jobId && each.fields?.["rank"] === rank);
    return Number(line?.fields?.["pid"]);
  });
}

/** Waits until processes are gone; one that nobody has waited for yet is. */
async function gone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    assert.ok(pid > 1, `a process id, not ${pid}`);
    await until(async () => !await isAlive(pid), `process ${pid} ends`);
  }
}

Deno.test("a job on two replicas is, to the bit, one of the command line, also when replicas of it are killed", async (t) => {
  await using working = await openWorkingScene({ settings });
  const { scene } = working;
  const config = {
    ...{ ...smallConfig, maxSteps: 80, logEvery: 1, checkpointEvery: 10 },
    ...{ validateEvery: 40, sampleEvery: 40 },
  };
  const undisturbed = await working.train(config);
  const whole = await watchUntil(scene, { jobId: undisturbed }, () => false);
  assert.equal(stateOf(whole.at(-1)!), "SUCCEEDED");
  // Six of eight photos are trained on, and a step takes two in each replica: one is an epoch.
  assert.deepEqual(whole.filter(isCheckpoint).map(({ checkpoint }) => checkpoint?.epoch), [
    ...[10, 20, 30, 40, 50, 60, 70, 80],
  ]);
  const expected = await whatIsLeft(scene.join("jobs", undisturbed));
  assert.equal(expected.checkpoint, "step-00000080");
  assert.equal(expected.metrics.filter(({ kind }) => kind === "losses").length, 80);
  await gone(pidsOf(working, undisturbed));

  await t.step("as on the command line", async () => {
    const options = Object.entries(config).flatMap((
      [name, value],
    ) => [`--${flagOf(name)}`, `${value}`]);
    const data = ["--data", scene.join("photos", "scenes"), "--out", scene.join("alone")];
    const { code, stderr } = await runTinct(
      ["train", ...data, ...options, "--replicas", "2", "--threads", "1"],
      {
        environment: {
          TINCT_CACHE: scene.join("cache"),
          TINCT_TENSORFLOW: dirname(libraryPath()),
        },
      },
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(await whatIsLeft(scene.join("alone")), expected);
  });

  await t.step("as one whose ranks are killed, one after the other", async () => {
    const jobId = await working.train(config);
    const seen: Event[] = [];
    for (const [lost, rank] of [1, 0].entries()) {
      const fromSequence = seen.length + 1;
      const isSaved = (event: Event) => isCheckpoint(event) && event.attempt === lost + 1;
      await watchUntil(scene, { jobId, fromSequence }, isSaved, seen);
      const pids = pidsOf(working, jobId);
      process.kill(pids[rank]!, "SIGKILL");
      const isLost = ({ state }: Event) => state?.trigger === "JOB_TRIGGER_WORKER_LOST";
      await watchUntil(scene, { jobId, fromSequence: seen.length + 1 }, isLost, seen);
      const told = seen.at(-1)?.state;
      assert.equal(told?.signal, "SIGKILL");
      assert.match(told?.message ?? "", /ended by SIGKILL/, "what began it, not what followed");
      await gone(pids);
    }
    await watchUntil(scene, { jobId, fromSequence: seen.length + 1 }, () => false, seen);
    assert.deepEqual(changesOf(seen).slice(2), [
      "RUNNING→RUNNING by WORKER_LOST",
      "RUNNING→RUNNING by WORKER_LOST",
      "RUNNING→SUCCEEDED by SUCCEEDED",
    ]);
    await gone(pidsOf(working, jobId));
    assert.deepEqual(await whatIsLeft(scene.join("jobs", jobId)), expected);
  });
});

Deno.test("a paused job of two replicas goes on from its checkpoint, also when one hangs; cancelled, it leaves no process", async () => {
  await using working = await openWorkingScene({
    settings,
    limits: { heartbeatTimeoutMs: SILENCE_SECONDS * 1000, heartbeatIntervalMs: 500 },
  });
  const { scene } = working;
  const jobId = await working.train({ ...endlessConfig, checkpointEvery: 0 });
  await watchUntil(scene, { jobId }, isLosses);
  const { job } = await answer<GetTrainingJobResponse__Output>((back) =>
    scene.jobs.getTrainingJob({ jobId }, back)
  );
  assert.equal(job?.device, "cpu+cpu");
  const first = pidsOf(working, jobId);
  await answer((back) => scene.jobs.pauseTrainingJob({ jobId }, back));
  const paused = await watchUntil(scene, { jobId }, (event) => stateOf(event) === "PAUSED");
  await gone(first);
  const step = paused.findLast(isCheckpoint)?.checkpoint?.step ?? 0;
  assert.ok(step > 0, "it wrote a checkpoint");

  await answer((back) => scene.jobs.resumeTrainingJob({ jobId }, back));
  const fromSequence = paused.length + 1;
  const later = await watchUntil(scene, { jobId, fromSequence }, isLosses);
  const goesOnFrom = ({ losses }: Event) => Number(losses?.step) - Number(losses?.steps);
  assert.equal(goesOnFrom(later.at(-1)!), step);
  const second = pidsOf(working, jobId);
  assert.notDeepEqual(second, first);

  process.kill(second[1]!, "SIGSTOP");
  const { attempt } = later.at(-1)!;
  const isNext = (event: Event) => isLosses(event) && event.attempt === attempt + 1;
  const seen = await watchUntil(scene, { jobId, fromSequence }, isNext);
  const told = seen.find(({ state }) => state?.trigger === "JOB_TRIGGER_WORKER_LOST")?.state;
  assert.match(told?.message ?? "", /killed, as it gave no sign of life for 20 s/);
  assert.equal(goesOnFrom(seen.at(-1)!), step);
  await gone(second);
  const third = pidsOf(working, jobId);
  await answer((back) => scene.jobs.cancelTrainingJob({ jobId }, back));
  const all = await watchUntil(scene, { jobId }, () => false);
  assert.equal(changesOf(all).at(-1), "CANCELLING→CANCELLED by CANCELLED");
  await gone(third);
});

Deno.test("what replicas cannot do is refused before it is queued", async () => {
  await using working = await openWorkingScene({ settings });
  const { scene } = working;
  const config = { ...smallConfig, xla: true, poolSize: 5 };
  const refused = await ending((back) =>
    scene.colorization.train({ dataset: "scenes", config }, back)
  );
  assert.ok("error" in refused);
  assert.equal(refused.error.code, "INVALID_ARGUMENT");
  assert.deepEqual(refused.error.fields, ["config.xla", "config.pool_size"]);

  // And the preflight goes by the photos that all replicas take together.
  const { resources, warnings } = await answer<ValidateTrainingConfigResponse__Output>((back) =>
    scene.jobs.validateTrainingConfig({
      dataset: "scenes",
      config: { ...smallConfig, batchSize: 3, maxSteps: 0, epochs: 2 },
      measure: true,
    }, back)
  );
  assert.deepEqual(warnings, []);
  assert.equal(resources?.device, "cpu+cpu");
  assert.deepEqual([resources?.stepsPerEpoch, resources?.totalSteps], [1, 2]);
});

Deno.test("serve --replicas tells of its slot, and no replica outlives it", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos", "scenes"), 8);
  const args = ["--threads", "1", "--replicas", "2"];
  await using served = await ServedProcess.start(folder.path, args, {
    TINCT_DEBUG: "1",
    TINCT_TENSORFLOW: dirname(libraryPath()),
    CUDA_VISIBLE_DEVICES: "-1",
  });
  using client = new ServiceClient({ server: served.address }, { token: undefined });
  const { devices } = await client.ask<GetCapabilitiesResponse__Output>((back) =>
    client.jobs.getCapabilities({}, back)
  );
  if (!existsSync("/proc/driver/nvidia/gpus")) {
    assert.deepEqual(devices.map(({ name, replicas }) => [name, replicas]), [["cpu+cpu", 2]]);
  }
  const { job } = await client.ask<TrainResponse__Output>((back) =>
    client.colorization.train({ dataset: "scenes", config: endlessConfig }, back)
  );
  const jobId = job?.jobId ?? "";
  await watchUntil(client, { jobId }, isLosses);
  const pids = served.lines.filter((line) => line["jobId"] === jobId && line["pid"])
    .map(({ pid }) => Number(pid));
  assert.equal(pids.length, 2);
  await served.end("SIGKILL");
  await gone(pids);
});
