import assert from "assert";
import process from "node:process";
import { TinctError } from "../../src/errors.ts";
import type { SupervisorLimits } from "../../src/fleet/fleet_options.ts";
import { STORE_AWAY } from "../../src/jobs/store_away.ts";
import { readConnectionString } from "../../src/stores/postgres/connection_string.ts";
import { openPostgresStore } from "../../src/stores/postgres/open_store.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { CutConnection } from "../cut_connection.ts";
import { until } from "../in_time.ts";
import {
  changes,
  endlessConfig,
  isState,
  paintScenes,
  smallConfig,
  Workshop,
} from "../service/workshop.ts";
import { sharedPostgres, testWithPostgres } from "../stores/postgres/test_postgres.ts";

/** Short enough for a test, and long enough for a process that others keep waiting. */
const leaseMs = 12_000;

async function openServer(
  owner: string,
  database: string,
  folder: TemporaryFolder,
  limits: Partial<SupervisorLimits> = {},
): Promise<Workshop> {
  const sharedStore = await openPostgresStore(readConnectionString(database), { owner });
  return await Workshop.open({ leaseMs, ...limits }, folder, { sharedStore });
}

Deno.test("a job that begins while the store is away is given back, and does not fail", async () => {
  const message = "The store does not answer.";
  const datasetFolder = () =>
    Promise.reject(new TinctError("unavailable", message, { kind: STORE_AWAY }));
  await using server = await Workshop.open({}, undefined, { datasetFolder });
  await server.submit("job", smallConfig);
  const events = await server.eventsUntil(
    "job",
    ({ payload: { from, to } }) => from === "RUNNING" || to === "FAILED",
  );
  assert.deepEqual(changes(events).slice(1), [
    "QUEUED→RUNNING by started",
    "RUNNING→QUEUED by server_stopped",
  ]);
});

testWithPostgres("a job that one server trains is watched and cancelled at another", async () => {
  const postgres = await sharedPostgres();
  const database = await postgres.databaseFor("cancel elsewhere");
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("scenes"), 8);
  await using a = await openServer("a", database, folder);
  await a.submit("job", endlessConfig);
  await a.eventsUntil("job", ({ kind }) => kind === "losses");
  await using b = await openServer("b", database, folder);
  await b.eventsUntil("job", ({ kind }) => kind === "checkpoint");
  await b.supervisor.cancel("job");
  const events = await b.history("job");
  assert.deepEqual(events.map(({ sequence }) => sequence), events.map((_, index) => index + 1));
  assert.deepEqual(changes(events), [
    "(new)→QUEUED by submitted",
    "QUEUED→RUNNING by started",
    "RUNNING→CANCELLING by cancel_requested",
    "CANCELLING→CANCELLED by cancelled",
  ]);
  // What is submitted at one server while its device is taken, another begins.
  await a.submit("first", endlessConfig);
  await a.eventsUntil("first", isState("RUNNING"));
  await a.submit("second", smallConfig);
  assert.equal((await a.history("second")).at(-1)?.payload["to"], "SUCCEEDED");
});

testWithPostgres(
  "a worker that does not stop is killed in its time, however often the lease is renewed",
  async () => {
    const database = await (await sharedPostgres()).databaseFor("frozen");
    await using folder = await TemporaryFolder.create();
    await paintScenes(folder.join("scenes"), 8);
    // More than twice as long as from one renewal to the next.
    await using server = await openServer("a", database, folder, { cancelTimeoutMs: 5000 });
    await server.submit("job", endlessConfig);
    await server.eventsUntil("job", ({ kind }) => kind === "losses");
    process.kill(server.workerPid("job"), "SIGSTOP");
    await server.supervisor.cancel("job");
    const events = await server.history("job");
    assert.equal(events.at(-1)?.payload["to"], "CANCELLED");
    const lost = server.log.find(({ message }) => message.startsWith("The worker was lost"));
    assert.match(lost?.message ?? "", /it did not stop within 5 s/);
  },
);

testWithPostgres(
  "a server cut off from the store stops its job, and another goes on with it",
  async () => {
    const postgres = await sharedPostgres();
    const database = await postgres.databaseFor("partition");
    await using line = await CutConnection.open(postgres.port);
    await using folder = await TemporaryFolder.create();
    await paintScenes(folder.join("scenes"), 8);
    await using a = await openServer(
      "a",
      database.replace(`:${postgres.port}/`, `:${line.port}/`),
      folder,
    );
    await a.submit("job", endlessConfig);
    await a.eventsUntil("job", ({ kind }) => kind === "checkpoint");
    await using b = await openServer("b", database, folder);
    line.cutOff();
    const told = (sentence: RegExp) => a.log.some(({ message }) => sentence.test(message));
    await until(
      () => told(/does not answer, and the lease on this server's jobs ends/),
      "a gives up",
    );
    const seen = await b.eventsUntil(
      "job",
      ({ kind, attempt }) => kind === "losses" && attempt === 2,
    );
    assert.deepEqual(changes(seen), [
      "(new)→QUEUED by submitted",
      "QUEUED→RUNNING by started",
      "RUNNING→QUEUED by server_stopped",
      "QUEUED→RUNNING by started",
    ]);
    line.mend();
    await b.submit("next", smallConfig); // b's device is taken: a goes on with what there is
    assert.equal((await a.history("next")).at(-1)?.payload["to"], "SUCCEEDED");
    await b.supervisor.cancel("job");
    const events = await b.history("job");
    assert.deepEqual(events.map(({ sequence }) => sequence), events.map((_, index) => index + 1));
    const late = events.slice(events.findIndex(({ attempt }) => attempt === 2));
    assert.ok(
      late.every(({ attempt }) => attempt === 2),
      "nothing of the first attempt comes after",
    );
    assert.equal((await b.store.jobs.get("job")).lostWorkers, 0);
  },
);
