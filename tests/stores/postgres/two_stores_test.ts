import assert from "assert";
import { EventFeed } from "../../../src/jobs/event_feed.ts";
import type { JobEvent } from "../../../src/jobs/job_event.ts";
import type { Store } from "../../../src/jobs/store.ts";
import { readConnectionString } from "../../../src/stores/postgres/connection_string.ts";
import { openPostgresStore } from "../../../src/stores/postgres/open_store.ts";
import { inTime, until } from "../../in_time.ts";
import { jobIn, losses, newJob } from "../../jobs/small_job.ts";
import { poolerObstacle, TestPooler } from "./test_pooler.ts";
import { obstacle, sharedPostgres, testWithPostgres } from "./test_postgres.ts";

/** Opens the stores of two servers on one database. */
async function openTwo(database: string, onNotice: (sentence: string) => void = () => {}) {
  await using owner = new AsyncDisposableStack();
  const place = readConnectionString(database);
  const a = owner.use(await openPostgresStore(place, { owner: "a", onNotice }));
  const b = owner.use(await openPostgresStore(place, { owner: "b", onNotice }));
  const owned = owner.move();
  return { a, b, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
}

/** All events of a job until it is over, as a watcher sees them. */
async function history(feed: EventFeed, jobId: string): Promise<JobEvent[]> {
  const seen: JobEvent[] = [];
  for await (const { events } of feed.watch(jobId, 1)) seen.push(...events);
  return seen;
}

/** A job whose events one store appends is watched at both; both see all of it, in order. */
async function checkWatching(a: Store, b: Store): Promise<void> {
  using feedA = new EventFeed(a);
  using feedB = new EventFeed(b);
  await a.jobs.create(newJob("job"));
  const watched = Promise.all([history(feedA, "job"), history(feedB, "job")]);
  const job = await b.jobs.claim("cpu");
  assert.ok(job);
  for (let step = 1; step <= 30; step++) await b.events.append("job", [losses(step)], job);
  await a.jobs.trigger("job", "cancel_requested"); // a wish, at the server that does not have it
  await b.jobs.trigger("job", "cancelled", job);
  const [seenA, seenB] = await inTime(watched, "both watchers see the job's end");
  assert.deepEqual(seenA.map(({ sequence }) => sequence), seenA.map((_, index) => index + 1));
  assert.equal(seenA.length, 34);
  assert.deepEqual(seenB, seenA);
}

testWithPostgres("PostgreSQL: what one server appends, watchers of another see", async () => {
  const postgres = await sharedPostgres();
  await using stores = await openTwo(await postgres.databaseFor("watch"));
  await checkWatching(stores.a, stores.b);
});

testWithPostgres("PostgreSQL: a connection that listens is made again when it is cut", async () => {
  const postgres = await sharedPostgres();
  await using stores = await openTwo(await postgres.databaseFor("listen"));
  const listeners = async () =>
    await postgres.query(
      "postgres",
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tinct' AND " +
        `datname = '${await nameOf(stores.a)}' AND query ILIKE 'LISTEN%'`,
    );
  await until(async () => await listeners() === "2", "both listen");
  const cut = await postgres.query(
    "postgres",
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE " +
      `datname = '${await nameOf(stores.a)}' AND query ILIKE 'LISTEN%'`,
  );
  assert.equal(cut, "2");
  await checkWatching(stores.a, stores.b);
  await until(async () => await listeners() === "2", "both listen again");
});

/** The database of a store, as its own values say. */
async function nameOf(store: Store): Promise<string> {
  const kept = await store.values.get("database");
  if (typeof kept === "string") return kept;
  const name = new URL(await (await sharedPostgres()).databaseFor("listen")).pathname.slice(1);
  await store.values.set("database", name);
  return name;
}

testWithPostgres("PostgreSQL: of two servers that claim at once each job goes to one", async () => {
  const postgres = await sharedPostgres();
  await using stores = await openTwo(await postgres.databaseFor("claims"));
  const { a, b } = stores;
  const ids = Array.from({ length: 60 }, (_, index) => `job-${index}`);
  for (const id of ids) await a.jobs.create(newJob(id));
  const claimed: string[] = [];
  const claimAll = async (store: Store, slot: string) => {
    for (;;) {
      const job = await store.jobs.claim(slot);
      if (job === undefined) {
        // One that another claims at this moment is passed over, and then it is RUNNING.
        if ((await store.jobs.list({ states: ["QUEUED"] })).jobs.length === 0) return;
        continue;
      }
      claimed.push(job.id);
      await store.jobs.trigger(job.id, "succeeded", job);
    }
  };
  const slots = ["0", "1", "2", "3"];
  await Promise.all([a, b].flatMap((store) => slots.map((slot) => claimAll(store, slot))));
  assert.deepEqual(claimed.toSorted(), ids.toSorted());
});

testWithPostgres(
  "PostgreSQL: appends of two servers to one job get every number once",
  async () => {
    const postgres = await sharedPostgres();
    await using stores = await openTwo(await postgres.databaseFor("appends"));
    const { a, b } = stores;
    await jobIn(a, "job", "RUNNING");
    const append = async (store: Store) => {
      for (let step = 0; step < 100; step++) await store.events.append("job", [losses(step)]);
    };
    await Promise.all([append(a), append(b)]);
    const events = await a.events.read("job", 1, 1000);
    assert.deepEqual(events.map(({ sequence }) => sequence), events.map((_, index) => index + 1));
    assert.equal(events.length, 202);
  },
);

testWithPostgres("PostgreSQL: servers that start at once make the tables once", async () => {
  const postgres = await sharedPostgres();
  const place = readConnectionString(await postgres.databaseFor("start"));
  const open = async (owner: string) => {
    await using store = await openPostgresStore(place, { owner });
    return (await store.jobs.list()).jobs;
  };
  assert.deepEqual(await Promise.all(["a", "b", "c", "d"].map(open)), [[], [], [], []]);
});

testWithPostgres("PostgreSQL: messages that are none of ours change nothing", async () => {
  const postgres = await sharedPostgres();
  const database = await postgres.databaseFor("messages");
  await using stores = await openTwo(database);
  const name = new URL(database).pathname.slice(1);
  for (
    const text of ["", "x", "[]", "null", '{"jobs":7}', '{"from":"z","jobs":[["job",99],[1]]}']
  ) {
    await postgres.query(name, `SELECT pg_notify('tinct_news', '${text}')`);
  }
  await checkWatching(stores.a, stores.b);
});

Deno.test({
  name:
    "PostgreSQL: two servers work behind PgBouncer in transaction mode, and say what that costs" +
    (obstacle ?? poolerObstacle ? ` (${obstacle ?? poolerObstacle})` : ""),
  ignore: (obstacle ?? poolerObstacle) !== undefined,
  fn: async () => {
    const postgres = await sharedPostgres();
    const direct = await postgres.databaseFor("pooler");
    await using pooler = await TestPooler.start(postgres.port);
    const notices: string[] = [];
    const pooled = direct.replace(`:${postgres.port}/`, `:${pooler.port}/`);
    await using stores = await openTwo(pooled, (sentence) => notices.push(sentence));
    const { a, b } = stores;
    await until(() => notices.length === 2, "both servers say that notifications do not arrive");
    assert.match(notices[0] ?? "", /pooler in transaction mode.*within a second/);
    await checkWatching(a, b);
    // Many at a time over the pooler's three connections, whichever each of them gets.
    await jobIn(a, "busy", "RUNNING");
    const appends = Array.from({ length: 200 }, (_, step) => {
      return (step % 2 ? a : b).events.append("busy", [losses(step)]);
    });
    await Promise.all(appends);
    assert.equal((await b.jobs.get("busy")).lastSequence, 202);
  },
});
