import assert from "assert";
import { workerVariables } from "../../src/config.ts";
import type { Job } from "../../src/jobs/job.ts";
import { cpuDevice } from "../../src/fleet/find_devices.ts";
import { EventFeed } from "../../src/jobs/event_feed.ts";
import { openWorkforce } from "../../src/workforce.ts";
import { SweepRunner } from "../../src/sweeps/sweep_runner.ts";
import type { Store } from "../../src/jobs/store.ts";
import type { CreateSweepRequest } from "../../src/protocol/generated/tinct/v1/create_sweep_request.ts";
import type { CreateSweepResponse__Output } from "../../src/protocol/generated/tinct/v1/create_sweep_response.ts";
import type { GetSweepResponse__Output } from "../../src/protocol/generated/tinct/v1/get_sweep_response.ts";
import type { ListSweepsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_sweeps_response.ts";
import type { Sweep__Output } from "../../src/protocol/generated/tinct/v1/sweep.ts";
import type { SweepSpec } from "../../src/protocol/generated/tinct/v1/sweep_spec.ts";
import { configMessage } from "../../src/protocol/training_options.ts";
import { receive } from "../../src/protocol/receive.ts";
import { version } from "../../src/version.ts";
import { until } from "../in_time.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { answer, ending, Scene } from "../service/scene.ts";
import { paintScenes, smallConfig } from "../service/workshop.ts";

/** A grid of two learning rates. */
const grid: SweepSpec = {
  dataset: "meadow",
  config: { size: 32, nDown: 5 },
  method: "SWEEP_METHOD_GRID",
  parameters: [{ option: "lr_g", values: { values: [{ number: 1e-3 }, { number: 1e-4 }] } }],
};

async function create(scene: Scene, request: CreateSweepRequest): Promise<Sweep__Output> {
  const { sweep } = await answer<CreateSweepResponse__Output>((back) =>
    scene.sweeps.createSweep(request, back)
  );
  assert.ok(sweep);
  return sweep;
}

/** What a watcher sees, up to the first sweep for which `isIt`, or the last. */
async function watch(
  scene: Scene,
  sweepId: string,
  isIt: (sweep: Sweep__Output) => boolean = () => false,
): Promise<Sweep__Output> {
  const call = scene.sweeps.watchSweep({ sweepId });
  let last: Sweep__Output | undefined;
  for await (const { sweep } of receive(call)) {
    last = sweep ?? undefined;
    if (last && isIt(last)) break;
  }
  call.cancel();
  call.on("error", () => {}); // the cancellation that has just been asked for
  assert.ok(last);
  return last;
}

const states = ({ trials }: Sweep__Output) =>
  trials.map(({ state }) => String(state).replace("SWEEP_TRIAL_STATE_", ""));
const isBegun = (count: number) => (sweep: Sweep__Output) =>
  sweep.trials.filter(({ jobIds }) => jobIds.length > 0).length === count;

/** Runs the job that waits longest to its end, as a worker would. */
async function train(store: Store, psnrDb: number): Promise<Job> {
  const job = await store.jobs.claim("cpu");
  assert.ok(job);
  await store.events.append(job.id, [{ kind: "validation", payload: { step: 10, psnrDb } }]);
  return await store.jobs.trigger(job.id, "succeeded");
}

Deno.test("a sweep's trials are ordinary jobs, one after the other, and the best one is named", async () => {
  await using scene = await Scene.open();
  const made = await create(scene, { spec: grid, displayName: "rates" });
  assert.equal(made.state, "SWEEP_STATE_RUNNING");
  const { sweepId } = made;
  await watch(scene, sweepId, isBegun(1));
  const { jobs: [job] } = await scene.store.jobs.list();
  assert.deepEqual(job?.labels, { sweep: sweepId, trial: "0", rung: "0" });
  assert.equal(job?.displayName, "rates, trial 0: lr_g 0.001");
  assert.deepEqual([job?.config["lrG"], job?.config["size"]], [1e-3, 32]);
  await train(scene.store, 20);
  const half = await watch(scene, sweepId, isBegun(2));
  assert.deepEqual(states(half), ["MEASURED", "RUNNING"]);
  assert.equal(half.bestTrial, 0);
  await train(scene.store, 21);
  const over = await watch(scene, sweepId);
  assert.equal(over.state, "SWEEP_STATE_SUCCEEDED");
  assert.deepEqual(over.trials.map(({ metricValue, step }) => [metricValue, step]), [
    [20, 10],
    [21, 10],
  ]);
  assert.equal(over.bestTrial, 1);
  assert.equal(over.trials[1]?.values["lr_g"]?.number, 1e-4);
  assert.ok(over.endTime);
});

Deno.test("a failed or cancelled trial ends no sweep; one without any measured trial fails", async () => {
  await using scene = await Scene.open();
  const { sweepId } = await create(scene, { spec: grid });
  await watch(scene, sweepId, isBegun(1));
  const job = await scene.store.jobs.claim("cpu");
  const failure = { code: "internal", message: "planned" } as const;
  await scene.store.jobs.trigger(job!.id, "failed", { failure });
  const second = await watch(scene, sweepId, isBegun(2));
  assert.deepEqual(states(second), ["FAILED", "RUNNING"]);
  await scene.store.jobs.trigger(second.trials[1]!.jobIds[0]!, "cancel_requested");
  const over = await watch(scene, sweepId);
  assert.deepEqual(states(over), ["FAILED", "CANCELLED"]);
  assert.equal(over.state, "SWEEP_STATE_FAILED");
  assert.match(over.message, /^No trial was measured: 2 jobs failed or were cancelled/);
  assert.equal(over.bestTrial, undefined);
});

Deno.test("cancelling a sweep cancels its jobs, and deleting is for sweeps that are over", async () => {
  await using scene = await Scene.open();
  const values = [1e-3, 1e-4, 1e-5].map((number) => ({ number }));
  const parameters = [{ option: "lr_g", values: { values } }];
  const { sweepId } = await create(scene, { spec: { ...grid, parameters, maxConcurrentJobs: 2 } });
  await watch(scene, sweepId, isBegun(2));
  const refused = await ending((back) => scene.sweeps.deleteSweep({ sweepId }, back));
  assert.ok("error" in refused && refused.error.code === "FAILED_PRECONDITION");
  await answer((back) => scene.sweeps.cancelSweep({ sweepId }, back));
  const { jobs } = await scene.store.jobs.list();
  assert.deepEqual(jobs.map(({ state }) => state), ["CANCELLED", "CANCELLED"]);
  const cancelled = await watch(scene, sweepId);
  assert.equal(cancelled.state, "SWEEP_STATE_CANCELLED");
  // The third one never had a job: nothing waits in a sweep that is over.
  assert.deepEqual(states(cancelled), ["CANCELLED", "CANCELLED", "CANCELLED"]);
  await answer((back) => scene.sweeps.cancelSweep({ sweepId }, back));
  await answer((back) => scene.sweeps.deleteSweep({ sweepId }, back));
  const gone = await ending((back) => scene.sweeps.getSweep({ sweepId }, back));
  assert.ok("error" in gone && gone.error.code === "NOT_FOUND");
  assert.equal((await scene.store.jobs.list()).jobs.length, 2, "the jobs stay");
});

Deno.test("of a cancelled sweep's job that still ends, it is recorded when it has, also by the next server", async (t) => {
  for (const isRestarted of [false, true]) {
    await t.step(isRestarted ? "a server that starts" : "the same server", async () => {
      await using scene = await Scene.open();
      const { sweepId } = await create(scene, { spec: { ...grid, maxConcurrentJobs: 1 } });
      const { trials } = await watch(scene, sweepId, isBegun(1));
      const jobId = trials[0]?.jobIds[0] ?? "";
      await scene.store.jobs.claim("cpu"); // a worker has it
      const cancelled = await answer<GetSweepResponse__Output>((back) =>
        scene.sweeps.cancelSweep({ sweepId }, back)
      );
      assert.deepEqual(states(cancelled.sweep!), ["RUNNING", "CANCELLED"]);
      assert.equal((await scene.store.jobs.get(jobId)).state, "CANCELLING");
      if (isRestarted) {
        await scene.server.stop();
        await scene.store.jobs.recover(); // "server_stopped", as the next server finds it
        const runner = new SweepRunner({
          store: scene.store,
          feed: new EventFeed(scene.store),
          submit: () => assert.fail("nothing is begun"),
          cancelJob: () => assert.fail("nothing is cancelled"),
          slots: 1,
          leaseMs: 60_000,
          onError: (_, message) => assert.fail(message),
        });
        await runner.resume();
        await runner[Symbol.asyncDispose]();
      } else await scene.store.jobs.trigger(jobId, "cancelled");
      const outcome = async () => (await scene.store.sweeps.get(sweepId)).runs[0]?.outcome;
      await until(async () => await outcome() !== undefined, "the trial has an outcome");
      assert.equal(await outcome(), "cancelled");
    });
  }
});

Deno.test("violations of a sweep's parameters are called by their own places", async () => {
  await using scene = await Scene.open();
  const parameters = [
    { option: "lr_d" },
    { option: "lr_g", values: { values: [{}, { number: 1 }] } },
    { option: "nothing", values: { values: [{ number: 1 }] } },
    { option: "init", values: { values: [{ word: "best" }] } },
  ];
  const refused = await ending((back) =>
    scene.sweeps.createSweep({ spec: { ...grid, method: 9 as 1, parameters } }, back)
  );
  assert.ok("error" in refused);
  assert.deepEqual(refused.error.fields.toSorted(), [
    "spec.method",
    "spec.parameters[0]",
    "spec.parameters[1]",
    "spec.parameters[1].values.values[0]",
    "spec.parameters[2]",
    "spec.parameters[3]",
  ]);
});

Deno.test("a repeated CreateSweep gives the same sweep; sweeps are listed without their trials", async () => {
  await using scene = await Scene.open();
  const first = await create(scene, { spec: grid, requestId: "once" });
  const again = await create(scene, { spec: grid, requestId: "once" });
  assert.equal(again.sweepId, first.sweepId);
  const other = await ending((back) =>
    scene.sweeps.createSweep({ spec: { ...grid, seed: 1 }, requestId: "once" }, back)
  );
  assert.ok("error" in other && other.error.code === "ALREADY_EXISTS");
  const { sweeps } = await answer<ListSweepsResponse__Output>((back) =>
    scene.sweeps.listSweeps({}, back)
  );
  assert.deepEqual(sweeps.map(({ sweepId, trials }) => [sweepId, trials]), [[first.sweepId, []]]);
});

Deno.test("a sweep that does not fit is refused with every wrong field, and begins no job", async () => {
  await using scene = await Scene.open();
  const spec: SweepSpec = {
    dataset: "",
    metric: "beauty",
    seed: -1,
    parameters: [{ option: "lr_x", values: { values: [{ number: 1 }] } }, { option: "lr_d" }],
  };
  const refused = await ending((back) => scene.sweeps.createSweep({ spec }, back));
  assert.ok("error" in refused);
  assert.equal(refused.error.code, "INVALID_ARGUMENT");
  assert.deepEqual(refused.error.fields.toSorted(), [
    "spec.dataset",
    "spec.metric",
    "spec.parameters[0]",
    "spec.parameters[1]",
    "spec.seed",
  ]);
  const missing = await ending((back) =>
    scene.sweeps.createSweep({ spec: { ...grid, dataset: "nowhere" } }, back)
  );
  assert.ok("error" in missing && missing.error.code === "NOT_FOUND");
  assert.deepEqual((await scene.store.jobs.list()).jobs, []);
});

Deno.test("a full queue only makes a sweep wait", async () => {
  await using scene = await Scene.open({ maxQueuedJobs: 1 });
  const { sweepId } = await create(scene, { spec: { ...grid, maxConcurrentJobs: 2 } });
  await watch(scene, sweepId, isBegun(1));
  const { jobs } = await scene.store.jobs.list();
  assert.equal(jobs.length, 1, "there is room for one alone");
  await train(scene.store, 20);
  await watch(scene, sweepId, isBegun(2));
  await train(scene.store, 21);
  const over = await watch(scene, sweepId);
  assert.deepEqual([over.state, states(over)], ["SWEEP_STATE_SUCCEEDED", ["MEASURED", "MEASURED"]]);
});

/** A server with real workers, and eight scenes in the dataset "meadow". */
async function workingScene(): Promise<Scene> {
  const scene = await Scene.open({}, (store, folder) =>
    openWorkforce({
      store,
      dataFolder: folder,
      libraryPath: libraryPath(),
      datasetFolder: (name) => Promise.resolve(`${folder}/photos/${name}`),
      devices: [cpuDevice()],
      threads: 1,
      programVersion: version,
      environment: workerVariables(),
      limits: {},
      log: () => {},
    }));
  await paintScenes(scene.join("photos", "meadow"), 8);
  return scene;
}

Deno.test("trials can be compared by their colourfulness ratio, of which the nearest to 1 is the best", async () => {
  await using scene = await workingScene();
  const spec: SweepSpec = {
    dataset: "meadow",
    config: configMessage({ ...smallConfig, sampleEvery: 0, checkpointEvery: 0, validateEvery: 6 }),
    method: "SWEEP_METHOD_GRID",
    parameters: [{ option: "lr_g", values: { values: [{ number: 1e-6 }, { number: 0.05 }] } }],
    metric: "colorfulness_ratio",
  };
  const { sweepId } = await create(scene, { spec });
  const over = await watch(scene, sweepId);
  assert.equal(over.state, "SWEEP_STATE_SUCCEEDED", over.message);
  const ratios = await Promise.all(
    over.trials.map(async ({ jobIds: [jobId = ""], metricValue }) => {
      const validation = await scene.store.events.newest(jobId, "validation");
      const ratio = validation?.payload["colorfulnessRatio"];
      assert.equal(metricValue, ratio);
      return Number(ratio);
    }),
  );
  const [first = NaN, second = NaN] = ratios.map((ratio) => Math.abs(ratio - 1));
  assert.ok(Number.isFinite(first) && first !== second, `${ratios}`);
  assert.equal(over.bestTrial, first < second ? 0 : 1, `${ratios}`);
});

Deno.test("successive halving trains the best of real trials longer, from their own checkpoints", async () => {
  await using scene = await workingScene();
  const { maxSteps: _, epochs: __, ...config } = smallConfig;
  const spec: SweepSpec = {
    dataset: "meadow",
    config: configMessage({ ...config, sampleEvery: 0, checkpointEvery: 0, validateEvery: 2 }),
    parameters: [{ option: "lr_g", range: { min: 1e-4, max: 1e-2, logarithmic: true } }],
    trials: 4,
    seed: 5,
    halving: { minSteps: 2, maxSteps: 8, reductionFactor: 2 },
  };
  const { sweepId } = await create(scene, { spec });
  const over = await watch(scene, sweepId);
  assert.equal(over.state, "SWEEP_STATE_SUCCEEDED", over.message);
  const rungs = over.trials.map(({ rung }) => rung).toSorted();
  assert.ok(rungs.filter((rung) => rung >= 1).length >= 2, `rungs ${rungs}`);
  const best = over.trials[over.bestTrial ?? -1]!;
  assert.deepEqual([best.rung, best.step, best.jobIds.length], [2, 8, 3]);
  const jobs = await Promise.all(best.jobIds.map((id) => scene.store.jobs.get(id)));
  assert.deepEqual(jobs.map(({ config }) => config["maxSteps"]), [2, 4, 8]);
  assert.deepEqual(jobs.map(({ origin }) => origin), [
    undefined,
    { mode: "resume", jobId: best.jobIds[0], step: 2 },
    { mode: "resume", jobId: best.jobIds[1], step: 4 },
  ]);
  const first = await scene.store.events.read(best.jobIds[2]!, 1, 1000);
  const steps = first.flatMap(({ kind, payload }) => kind === "losses" ? [payload["step"]] : []);
  assert.equal(steps[0], 5, "it went on where the trial stood");
  const { sweep } = await answer<GetSweepResponse__Output>((back) =>
    scene.sweeps.getSweep({ sweepId }, back)
  );
  assert.deepEqual(sweep, over);
});
