import assert from "assert";
import { mkdir, readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { ServiceClient } from "../../src/client/service_client.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { CreateSweepResponse__Output } from "../../src/protocol/generated/tinct/v1/create_sweep_response.ts";
import type { ModelReference } from "../../src/protocol/generated/tinct/v1/model_reference.ts";
import type { GetModelResponse__Output } from "../../src/protocol/generated/tinct/v1/get_model_response.ts";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import type { PromoteCheckpointResponse__Output } from "../../src/protocol/generated/tinct/v1/promote_checkpoint_response.ts";
import type { Sweep__Output } from "../../src/protocol/generated/tinct/v1/sweep.ts";
import type { SweepSpec } from "../../src/protocol/generated/tinct/v1/sweep_spec.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import type { WatchSweepResponse__Output } from "../../src/protocol/generated/tinct/v1/watch_sweep_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime, until, whileNews } from "../in_time.ts";
import { isAlive } from "../process_facts.ts";
import { TestPostgres, testWithPostgres } from "../stores/postgres/test_postgres.ts";
import { ServedProcess } from "./served_process.ts";
import { changesOf, type Event, stepsBefore, watchUntil } from "./working_scene.ts";
import { endlessConfig, paintScenes, readPhoto, smallConfig } from "./workshop.ts";

/** Short enough for a test, and long enough for a process that others keep waiting. */
const LEASE_SECONDS = 12;

const isLosses = ({ event }: Event) => event === "losses";
const isCheckpoint = ({ event }: Event) => event === "checkpoint";

/** One of several servers, with its client. */
class Node implements AsyncDisposable {
  readonly served: ServedProcess;
  readonly client: ServiceClient;

  private constructor(served: ServedProcess) {
    this.served = served;
    this.client = new ServiceClient({ server: served.address }, { token: undefined });
  }

  static async start(folder: string, args: readonly string[], environment = {}): Promise<Node> {
    const all = ["--threads", "1", "--lease-seconds", `${LEASE_SECONDS}`, ...args];
    return new Node(await ServedProcess.start(folder, all, { TINCT_DEBUG: "1", ...environment }));
  }

  async train(config: TrainingConfig): Promise<string> {
    const { job } = await this.client.ask<TrainResponse__Output>((back) =>
      this.client.colorization.train({ dataset: "scenes", config }, back)
    );
    return job?.jobId ?? "";
  }

  async job(jobId: string) {
    const { job } = await this.client.ask<GetTrainingJobResponse__Output>((back) =>
      this.client.jobs.getTrainingJob({ jobId }, back)
    );
    assert.ok(job);
    return job;
  }

  async cancel(jobId: string): Promise<void> {
    await this.client.ask((back) => this.client.jobs.cancelTrainingJob({ jobId }, back));
  }

  async colorize(model: ModelReference): Promise<Uint8Array> {
    const image = Buffer.from(await readPhoto("coffee.png"));
    const { image: colored } = await this.client.ask<ColorizeResponse__Output>((back) =>
      this.client.colorization.colorize({ image, model, format: "IMAGE_FORMAT_PNG" }, back)
    );
    return colored;
  }

  /** The events up to the first for which `isIt`, or the last; a job that waits gives signs of life. */
  watch(jobId: string, isIt: (event: Event) => boolean = () => false): Promise<Event[]> {
    return inTime(watchUntil(this.client, { jobId }, isIt), `what is wanted of job ${jobId}`, 180);
  }

  /** Whether this server started the job's newest worker that is known here. */
  has(jobId: string): boolean {
    return Number.isFinite(this.served.workerPid(jobId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client[Symbol.dispose]();
    if (Number.isFinite(this.served.pid)) {
      try {
        process.kill(this.served.pid, "SIGCONT");
      } catch {
        // It has ended.
      }
    }
    await this.served[Symbol.asyncDispose]();
  }
}

/** A sweep over rates of the generator, a job at a time. */
const sweepOf = (rates: readonly number[]): SweepSpec => ({
  dataset: "scenes",
  config: { ...smallConfig },
  method: "SWEEP_METHOD_GRID",
  parameters: [{ option: "lr_g", values: { values: rates.map((number) => ({ number })) } }],
  maxConcurrentJobs: 1,
});

/** A sweep as it ends. */
async function watchSweep({ client }: Node, sweepId: string): Promise<Sweep__Output | undefined> {
  let last: WatchSweepResponse__Output | undefined;
  let received = 0;
  const watching = async () => {
    for await (const message of receive(client.sweeps.watchSweep({ sweepId }))) {
      last = message;
      received++;
    }
  };
  await whileNews(watching(), () => received, "the sweep ends");
  return last?.sweep ?? undefined;
}

/** The server that has a job, and the other. */
function holders(jobId: string, a: Node, b: Node): readonly [having: Node, other: Node] {
  return a.has(jobId) ? [a, b] : [b, a];
}

function assertWhole(events: readonly Event[]): void {
  assert.deepEqual(events.map(({ sequence }) => sequence), events.map((_, index) => index + 1));
}

/** The step of the newest checkpoint that was told. */
function lastSaved(events: readonly Event[]): number {
  return Math.max(
    ...events.flatMap(({ checkpoint }) => checkpoint ? [Number(checkpoint.step)] : []),
  );
}

/** Whether a server has said that another one has its job. */
function hasDropped({ served }: Node): boolean {
  return served.lines.some(({ message }) => /^Another server has the job now/.test(`${message}`));
}

testWithPostgres("two servers share a database and a data folder", async (t) => {
  await using postgres = await TestPostgres.start();
  const database = await postgres.databaseFor("two servers");
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos", "scenes"), 8);
  const startWithOption = () => Node.start(folder.path, ["--store", database]);
  const startWithVariable = () => Node.start(folder.path, [], { TINCT_STORE: database });
  let a: Node | undefined;
  let b: Node | undefined;
  await using owner = new AsyncDisposableStack();
  owner.defer(async () => await a?.[Symbol.asyncDispose]());
  owner.defer(async () => await b?.[Symbol.asyncDispose]());
  [a, b] = await Promise.all([startWithOption(), startWithVariable()]); // and pair what is new
  const both = [a, b] as const;
  const finalGenerator = async (jobId: string) => {
    const run = folder.join("jobs", jobId, "checkpoints");
    const newest = (await readdir(run)).filter((name) => /^step-\d+$/.test(name)).sort().at(-1);
    return await readFile(`${run}/${newest}/generator.safetensors`);
  };

  await t.step(
    "what one trains is watched, colorized with, promoted and cancelled at the other",
    async () => {
      const jobId = await both[0].train(endlessConfig);
      await both[1].watch(jobId, isCheckpoint);
      const [having, other] = holders(jobId, ...both);
      assert.ok((await other.colorize({ checkpoint: { jobId } })).byteLength > 0);
      const { model } = await other.client.ask<PromoteCheckpointResponse__Output>((back) =>
        other.client.models.promoteCheckpoint({ name: "roses", checkpoint: { jobId } }, back)
      );
      const found = await having.client.ask<GetModelResponse__Output>((back) =>
        having.client.models.getModel({ name: "roses" }, back)
      );
      assert.equal(found.model?.step, model?.step);
      assert.deepEqual(
        await having.colorize({ name: "roses" }),
        await other.colorize({ name: "roses" }),
      );
      await other.cancel(jobId);
      const [seen, theirs] = [await having.watch(jobId), await other.watch(jobId)];
      assertWhole(seen);
      assert.deepEqual(theirs, seen);
      assert.equal(changesOf(seen).at(-1), "CANCELLING→CANCELLED by CANCELLED");
    },
  );

  await t.step(
    "a job goes on at the other when PostgreSQL crashes and its server is killed, and a sweep with it",
    async () => {
      const config = { ...smallConfig, maxSteps: 60, checkpointEvery: 20, validateEvery: 30 };
      const whole = await both[0].train(config);
      await both[1].watch(whole);
      const jobId = await both[0].train(config);
      await both[1].watch(jobId, isCheckpoint);
      await postgres.crash();
      await postgres.begin();
      const [having, other] = holders(jobId, ...both);
      const { sweep } = await having.client.ask<CreateSweepResponse__Output>((back) =>
        having.client.sweeps.createSweep({
          spec: sweepOf([1e-3, 1e-4]),
        }, back)
      );
      await having.served.end("SIGKILL");
      const seen = await other.watch(jobId);
      assertWhole(seen);
      assert.equal(changesOf(seen).at(-1), "RUNNING→SUCCEEDED by SUCCEEDED");
      assert.equal((await other.job(jobId)).lostWorkers, 0);
      assert.deepEqual(await finalGenerator(jobId), await finalGenerator(whole));
      const ended = await watchSweep(other, sweep?.sweepId ?? "");
      assert.equal(ended?.state, "SWEEP_STATE_SUCCEEDED");
      assert.deepEqual(ended?.trials.map(({ jobIds }) => jobIds.length), [1, 1]);
      if (having === a) a = await startWithOption();
      else b = await startWithVariable();
    },
  );

  await t.step(
    "of a server that is stopped past its lease nothing is seen, and its worker ends",
    async () => {
      assert.ok(a && b);
      const jobId = await a.train(endlessConfig);
      await b.watch(jobId, isCheckpoint);
      const [stopped, other] = holders(jobId, a, b);
      const worker = stopped.served.workerPid(jobId);
      process.kill(stopped.served.pid, "SIGSTOP");
      const isSecond = (event: Event) => isLosses(event) && event.attempt === 2;
      const seen = await other.watch(jobId, isSecond);
      assert.ok(!await isAlive(worker), "the worker of the stopped server has ended");
      assert.equal(stepsBefore(seen.at(-1)!), lastSaved(seen), "it goes on from the checkpoint");
      process.kill(stopped.served.pid, "SIGCONT");
      await until(() => hasDropped(stopped), "the stopped server drops the job");

      // Now the one that has it is stopped together with its worker, which holds the lock of the run.
      const frozen = other.served.workerPid(jobId);
      process.kill(frozen, "SIGSTOP");
      process.kill(other.served.pid, "SIGSTOP");
      const waits = ({ log }: Event) => /still has the files of this job/.test(log?.message ?? "");
      assert.equal((await stopped.watch(jobId, waits)).at(-1)?.attempt, 3);
      process.kill(frozen, "SIGCONT");
      const third = await stopped.watch(jobId, (event) => isLosses(event) && event.attempt === 3);
      assert.ok(!await isAlive(frozen), "a worker that wakes after its lease ends");
      assert.equal(stepsBefore(third.at(-1)!), lastSaved(third));
      process.kill(other.served.pid, "SIGCONT");
      await until(() => hasDropped(other), "the other one drops the job, too");

      await other.cancel(jobId);
      const events = await stopped.watch(jobId);
      assertWhole(events);
      assert.deepEqual(changesOf(events).slice(1), [
        "QUEUED→RUNNING by STARTED",
        "RUNNING→QUEUED by SERVER_STOPPED",
        "QUEUED→RUNNING by STARTED",
        "RUNNING→QUEUED by SERVER_STOPPED",
        "QUEUED→RUNNING by STARTED",
        "RUNNING→CANCELLING by CANCEL_REQUESTED",
        "CANCELLING→CANCELLED by CANCELLED",
      ]);
      const attempts = events.map(({ attempt }) => attempt);
      assert.deepEqual(attempts, attempts.toSorted(), "nothing of an attempt comes after the next");
      assert.equal((await other.job(jobId)).lostWorkers, 0);
    },
  );

  await t.step(
    "one with --jobs off takes jobs and sweeps in for the others, and trains none of them",
    async () => {
      assert.ok(a && b);
      await using answering = await Node.start(folder.path, [
        ...["--store", database, "--jobs", "off"],
      ]);
      const { client } = answering;
      const { sweep } = await client.ask<CreateSweepResponse__Output>((back) =>
        client.sweeps.createSweep({ spec: sweepOf([1e-3]) }, back)
      );
      const jobId = await answering.train(smallConfig);
      const seen = await answering.watch(jobId);
      assertWhole(seen);
      assert.equal(changesOf(seen).at(-1), "RUNNING→SUCCEEDED by SUCCEEDED");
      const ended = await watchSweep(answering, sweep?.sweepId ?? "");
      assert.equal(ended?.state, "SWEEP_STATE_SUCCEEDED");
      assert.ok((await answering.colorize({ checkpoint: { jobId } })).byteLength > 0);
      for (const trained of [jobId, ...ended?.trials[0]?.jobIds ?? []]) {
        assert.ok(a.has(trained) || b.has(trained));
        assert.ok(!answering.has(trained));
      }
      assert.equal(await answering.served.end("SIGTERM"), 0);
    },
  );

  await t.step(
    "one that starts alone tidies up after those that were killed, and has their job",
    async () => {
      assert.ok(a && b);
      const jobId = await a.train(endlessConfig);
      await b.watch(jobId, isCheckpoint);
      await Promise.all([a.served.end("SIGKILL"), b.served.end("SIGKILL")]);
      await mkdir(folder.join("jobs", ".deleted-job-x"));
      await using alone = await startWithVariable();
      assert.ok(!(await readdir(folder.join("jobs"))).includes(".deleted-job-x"));
      const sockets = (await readdir(folder.path)).filter((name) => name.startsWith("workers-"));
      assert.equal(sockets.length, 1);
      const isLeft = ({ message }: Record<string, unknown>) =>
        /^The server before this one left the job behind/.test(`${message}`);
      assert.equal(alone.served.lines.filter(isLeft).length, 1, "it does not wait for a lease");
      await alone.watch(jobId, (event) => isLosses(event) && event.attempt === 2);
      await alone.cancel(jobId);
      await mkdir(folder.join("jobs", ".deleted-job-y"));
      await using second = await startWithOption();
      assert.ok((await readdir(folder.join("jobs"))).includes(".deleted-job-y"), "it is not alone");
      const ends = [alone.served.end("SIGTERM"), second.served.end("SIGTERM")];
      assert.deepEqual(await Promise.all(ends), [0, 0]);
    },
  );

  assert.ok(a && b);
  const secrets = [...a.served.lines, ...b.served.lines].map((line) => JSON.stringify(line)).join(
    "\n",
  );
  assert.doesNotMatch(secrets, /secret-of-tests/);
});
