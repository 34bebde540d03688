import assert from "assert";
import { once } from "node:events";
import { HeldLease } from "../../src/leases/held_lease.ts";
import { readConnectionString } from "../../src/stores/postgres/connection_string.ts";
import { openPostgresStore } from "../../src/stores/postgres/open_store.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { inTime } from "../in_time.ts";
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
  // As after a stop of this process: another has it when it is to be renewed.
  await using late = await HeldLease.take(a, "model/roses", { leaseMs: 600 });
  assert.ok(late);
  const lost = once(late.lost, "abort");
  await postgres.query(place.database, "UPDATE leases SET holder = 'c', epoch = epoch + 1");
  await inTime(lost, "the holder hears that it is no longer");
  failsWith("unavailable", /model\/roses/)(late.lost.reason);
});

Deno.test("where no store is shared, nothing is asked of it for a lease", async () => {
  await using folder = await TemporaryFolder.create();
  await using store = await openSqliteStore(folder.join("tinct.db"));
  await using one = await HeldLease.take(store, "model/roses");
  await using two = await HeldLease.take(store, "model/roses");
  assert.deepEqual([one?.epoch, two?.epoch], [0, 0]);
  assert.deepEqual(await store.leases.held(""), []);
});
