import assert from "assert";
import { once } from "node:events";
import { TinctError } from "../../src/errors.ts";
import { EventFeed } from "../../src/jobs/event_feed.ts";
import { ExclusiveNames } from "../../src/leases/exclusive_names.ts";
import { HeldLease } from "../../src/leases/held_lease.ts";
import { readConnectionString } from "../../src/stores/postgres/connection_string.ts";
import { openPostgresStore } from "../../src/stores/postgres/open_store.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { SweepRunner } from "../../src/sweeps/sweep_runner.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { inTime } from "../in_time.ts";
import { newJob } from "../jobs/small_job.ts";
import { smallSpec } from "../sweeps/small_spec.ts";
import { sharedPostgres, testWithPostgres } from "../stores/postgres/test_postgres.ts";

testWithPostgres("a lease by name is one server's, until it is given back or lost", async () => {
  const postgres = await sharedPostgres();
  const place = readConnectionString(await postgres.databaseFor("leases"));
  await using a = await openPostgresStore(place, { owner: "a" });
  await using b = await openPostgresStore(place, { owner: "b" });
  const never = new AbortController().signal;
  {
    await using held = await HeldLease.take(a, "model/roses");
    assert.ok(held);
    assert.equal(held.epoch, 1);
    held.requireHeld();
    assert.equal(await HeldLease.take(b, "model/roses"), undefined);
    await using other = await HeldLease.take(b, "model/lilies");
    assert.ok(other);
    const impatient = AbortSignal.abort(new Error("no longer"));
    await assert.rejects(HeldLease.wait(b, "model/roses", { signal: impatient }), /no longer/);
    const waiting = HeldLease.wait(b, "model/roses", { signal: never });
    await held[Symbol.asyncDispose]();
    await using next = await inTime(waiting, "the other server gets it");
    assert.equal(next.epoch, 2, "it has changed hands");
    assert.ok(!held.lost.aborted, "what was given back was not lost");
  }
  const inUse = (name: string) => new TinctError("failed_precondition", `${name} is in use.`);
  const [ofA, ofB] = [a, b].map((store) => new ExclusiveNames(store, "dataset", inUse));
  assert.ok(ofA && ofB);
  await ofA.alone("photos", async () => {
    for (const names of [ofA, ofB]) {
      const second = names.alone("photos", () => assert.fail("a call has it"));
      await assert.rejects(second, failsWith("failed_precondition", /photos is in use/));
    }
    assert.equal(await ofB.alone("others", () => Promise.resolve(7)), 7);
  });
  assert.equal(await ofB.alone("photos", ({ epoch }) => Promise.resolve(epoch)), 2);
  // As after a stop of this process: another has it when it is to be renewed.
  await using late = await HeldLease.take(a, "model/roses", { leaseMs: 600 });
  assert.ok(late);
  const lost = once(late.lost, "abort");
  await postgres.query(place.database, "UPDATE leases SET holder = 'c', epoch = epoch + 1");
  await inTime(lost, "the holder hears that it is no longer");
  failsWith("unavailable", /another server may have gone on/)(late.lost.reason);
  assert.throws(() => late.requireHeld(), late.lost.reason);
  // As after a stop in which another had it and has given it back: nobody has it, and yet it is lost.
  await using back = await HeldLease.take(a, "model/lilies", { leaseMs: 600 });
  assert.ok(back);
  const returned = once(back.lost, "abort");
  await postgres.query(
    place.database,
    "UPDATE leases SET holder = 'c', epoch = epoch + 1, expires_at_ms = 0 WHERE name = 'model/lilies'",
  );
  await inTime(returned, "the holder hears that another had it");
});

testWithPostgres("a lease is lost at its end, also while an answer is waited for", async () => {
  const postgres = await sharedPostgres();
  const { database, ...place } = readConnectionString(await postgres.databaseFor("silent"));
  await using store = await openPostgresStore({ database, ...place }, { owner: "a" });
  await using held = await HeldLease.take(store, "model/roses", { leaseMs: 600 });
  assert.ok(held);
  const lost = once(held.lost, "abort");
  const blocking = postgres.query(database, "BEGIN; LOCK leases; SELECT pg_sleep(60)")
    .catch(() => {}); // it is ended below
  await inTime(lost, "less than the 5 s for which the store waits for the table", 4);
  assert.throws(() => held.requireHeld(), held.lost.reason);
  const sleeping =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; L%'";
  await postgres.query(database, sleeping);
  await blocking;
});

testWithPostgres("a sweep for which the store was too busy goes on at the next look", async () => {
  const postgres = await sharedPostgres();
  const place = readConnectionString(await postgres.databaseFor("busy"));
  await using store = await openPostgresStore(place, { owner: "a" });
  const feed = new EventFeed(store);
  const submitted = Promise.withResolvers<void>();
  let tries = 0;
  await using runner = new SweepRunner({
    store,
    feed,
    submit: async ({ requestId }) => {
      if (++tries === 1) throw new TinctError("unavailable", "PostgreSQL is busy; try again.");
      const { job } = await store.jobs.create(newJob(`job-${requestId.replaceAll("/", "-")}`));
      submitted.resolve();
      return job.id;
    },
    cancelJob: () => Promise.resolve(),
    slots: 1,
    leaseMs: 4000,
    onError: () => {},
  });
  await runner.resume();
  const sweep = { id: "sweep-a", displayName: "", spec: smallSpec, request: undefined };
  await runner.create(sweep);
  await inTime(submitted.promise, "it begins its first job");
  assert.equal((await store.sweeps.get("sweep-a")).state, "RUNNING");
  await inTime(runner.nextChange("sweep-b"), "who watches another server's sweep looks again");
});

Deno.test("where no store is shared, nothing is asked of it for a lease", async () => {
  await using folder = await TemporaryFolder.create();
  await using store = await openSqliteStore(folder.join("tinct.db"));
  await using one = await HeldLease.take(store, "model/roses");
  await using two = await HeldLease.take(store, "model/roses");
  assert.deepEqual([one?.epoch, two?.epoch], [0, 0]);
  assert.deepEqual(await store.leases.held(""), []);
});
