import assert from "assert";
import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { TinctError } from "../../../src/errors.ts";
import { readConnectionString } from "../../../src/stores/postgres/connection_string.ts";
import { Connections } from "../../../src/stores/postgres/connections.ts";
import { openPostgresStore } from "../../../src/stores/postgres/open_store.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { freePort } from "../../free_port.ts";
import { inTime, until } from "../../in_time.ts";
import { jobIn, losses, newJob } from "../../jobs/small_job.ts";
import { sharedPostgres, TestPostgres, testWithPostgres } from "./test_postgres.ts";

const tls = (name: string) => new URL(`../../testdata/tls/${name}`, import.meta.url);

async function open(database: string): Promise<void> {
  await using _store = await openPostgresStore(readConnectionString(database), { owner: "one" });
}

/** Fails as told, and nothing of the error has the password in it. */
async function isRefused(database: string, ...told: Parameters<typeof failsWith>): Promise<void> {
  await assert.rejects(open(database), (error: Error) => {
    failsWith(...told)(error);
    assert.doesNotMatch(
      inspect(error, { depth: 9, showHidden: true }),
      /secret-of-tests|my-secret/,
    );
    return true;
  });
}

testWithPostgres(
  "PostgreSQL: what stands in the way of opening is told in a sentence",
  async (t) => {
    const postgres = await sharedPostgres();
    const database = await postgres.databaseFor("trouble");
    const name = new URL(database).pathname.slice(1);
    await t.step("a wrong password", () =>
      isRefused(
        database.replace("secret-of-tests", "my-secret"),
        "permission_denied",
        /refuses this user.*PGPASSWORD/,
      ));
    await t.step(
      "a user that is not there",
      () =>
        isRefused(
          database.replace("//tinct", "//nobody"),
          "permission_denied",
          /refuses this user/,
        ),
    );
    await t.step(
      "no such database",
      () =>
        isRefused(`${database}x`, "failed_precondition", /no such database; make it with createdb/),
    );
    await t.step("nobody at the port", async () => {
      const port = await freePort();
      await isRefused(
        database.replace(`:${postgres.port}/`, `:${port}/`),
        "unavailable",
        /cannot be reached/,
      );
    });
    await t.step("no such host", () =>
      isRefused(
        database.replace("127.0.0.1", "nowhere.invalid") + "?sslmode=disable",
        "unavailable",
        /cannot be reached/,
      ));
    await t.step(
      "TLS with a server that has none",
      () => isRefused(`${database}?sslmode=require`, "failed_precondition", /not reached by TLS/),
    );
    await t.step("tables of another program", async () => {
      const other = await postgres.databaseFor("other");
      await postgres.query(new URL(other).pathname.slice(1), "CREATE TABLE notes (text text)");
      await isRefused(other, "failed_precondition", /database of another program/);
    });
    await t.step("a newer schema, which stays as it is", async () => {
      await open(database);
      await postgres.query(name, "UPDATE tinct_schema SET version = 99");
      await isRefused(database, "failed_precondition", /has version 99.*newer Tinct/);
      assert.equal(await postgres.query(name, "SELECT version FROM tinct_schema"), "99");
    });
  },
);

testWithPostgres("PostgreSQL: TLS is by authorities that are given, and by no others", async () => {
  const [cert, key] = [await readFile(tls("server.crt")), await readFile(tls("server.key"))];
  await using postgres = await TestPostgres.start(
    { ssl: "on", ssl_cert_file: "'server.crt'", ssl_key_file: "'server.key'" },
    { "server.crt": cert, "server.key": key },
  );
  const database = (await postgres.databaseFor("tls")).replace("127.0.0.1", "localhost");
  const trusted = `${database}?sslmode=verify-full&sslrootcert=${tls("authority.crt").pathname}`;
  await open(trusted);
  await open(`${database}?sslmode=require`);
  const stranger = tls("stranger.crt").pathname;
  await isRefused(
    `${database}?sslmode=verify-full&sslrootcert=${stranger}`,
    "failed_precondition",
    /not reached by TLS/,
  );
  await isRefused(`${database}?sslmode=verify-full`, "failed_precondition", /not reached by TLS/);
});

testWithPostgres(
  "PostgreSQL away: calls end with a sentence, and go on when it is back",
  async () => {
    await using postgres = await TestPostgres.start();
    const database = await postgres.databaseFor("away");
    await using store = await openPostgresStore(readConnectionString(database), { owner: "one" });
    const job = await jobIn(store, "job", "RUNNING");
    await store.leases.renewOwn(1000);
    await postgres.crash();
    const away = failsWith("unavailable", /PostgreSQL at 127\.0\.0\.1:\d+\/\w+/);
    const calls = [
      store.jobs.get("job"),
      store.jobs.create(newJob("other")),
      store.jobs.claim("cpu"),
      store.events.append("job", [losses(1)], job),
      store.leases.renewOwn(1000),
    ];
    for (const call of calls) {
      await inTime(
        assert.rejects(call, (error: TinctError) => {
          away(error);
          assert.equal(error.kind, "STORE_AWAY");
          return true;
        }),
        "a call ends while PostgreSQL is away",
        30,
      );
    }
    await postgres.begin();
    assert.deepEqual(await store.jobs.get("job"), job, "it waits rather than fails");
    assert.equal(await store.events.append("job", [losses(1)], job), job.lastSequence + 1);
    assert.equal((await store.leases.renewOwn(1000)).length, 1, "and is still this server's");
  },
);

testWithPostgres(
  "PostgreSQL that crashes while events are appended has each of them once",
  async () => {
    await using postgres = await TestPostgres.start({ fsync: "on" });
    const database = await postgres.databaseFor("crash");
    await using store = await openPostgresStore(readConnectionString(database), { owner: "one" });
    const job = await jobIn(store, "job", "RUNNING");
    let isOver = false;
    let number = 0;
    const append = async () => {
      for (; !isOver || number < 10; number++) {
        const event = { ...losses(number + 1), number: number + 1 };
        // The same again until there is an answer, as an attempt's writer does.
        for (let done = false; !done;) {
          try {
            await store.events.append("job", [event], job);
            done = true;
          } catch (error) {
            if (!(error instanceof TinctError && error.kind === "STORE_AWAY")) throw error;
          }
        }
      }
    };
    const appending = append();
    appending.catch(() => {});
    for (let crashes = 0; crashes < 3; crashes++) {
      await postgres.crash();
      await postgres.begin();
      const { lastSequence } = await store.jobs.get("job");
      while ((await store.jobs.get("job")).lastSequence < lastSequence + 10); // it goes on
    }
    isOver = true;
    await inTime(appending, "the events are appended");
    const events = await store.events.read("job", job.lastSequence + 1, 10_000);
    assert.deepEqual(
      events.map(({ sequence, payload }) => [sequence - job.lastSequence, payload["step"]]),
      Array.from({ length: number }, (_, index) => [index + 1, index + 1]),
    );
  },
);

testWithPostgres(
  "PostgreSQL: a server waits for another's migration longer than for an answer",
  async () => {
    const postgres = await sharedPostgres();
    const place = readConnectionString(await postgres.databaseFor("migrate slowly"));
    const answerTimeoutMs = 100;
    const other = new Connections(place);
    const migrated = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const migrating = other.alone(async () => {
      began.resolve();
      await migrated.promise;
    });
    await began.promise;
    const opening = openPostgresStore(place, { owner: "one", answerTimeoutMs });
    opening.catch(() => {}); // told where it is awaited
    // One connection that goes on waiting, not one after the other.
    const waited = () =>
      postgres.query(
        "postgres",
        "SELECT extract(epoch FROM max(clock_timestamp() - backend_start)) > " +
          `${20 * answerTimeoutMs / 1000} FROM pg_stat_activity WHERE wait_event = 'advisory' ` +
          `AND datname = '${place.database}'`,
      );
    await until(async () => await waited() === "t", "it waits twenty times as long");
    migrated.resolve();
    await migrating;
    await using store = await inTime(opening, "the store opens");
    assert.deepEqual((await store.jobs.list()).jobs, []);
    await other[Symbol.asyncDispose]();
  },
);
