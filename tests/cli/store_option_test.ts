import assert from "assert";
import { existsSync } from "node:fs";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { freePort } from "../free_port.ts";
import { runKeptTinct } from "./run_tinct.ts";

const database = "postgres://tinct:my-secret@127.0.0.1:5432/tinct";

Deno.test("a --store that leads nowhere is told in a sentence, without its password", async (t) => {
  await using folder = await TemporaryFolder.create();
  const data = folder.join("data");
  const serve = (
    store: string,
  ) => ["serve", "--data-dir", data, "--listen", "127.0.0.1:0", "--store", store];
  const wrong: readonly (readonly [store: string, sentence: RegExp])[] = [
    ["mysql://tinct:my-secret@127.0.0.1/tinct", /--store is no connection string: it has the form/],
    ["postgres://tinct:my-secret@127.0.0.1", /it needs the name of one database/],
    [`${database}?sslmode=maybe`, /its sslmode is one of .*, not "maybe"/],
    [`${database}?password=my-secret`, /may have the options .*, not "password"/],
    [`${database}?sslmode=verify-full&sslrootcert=${folder.join("none")}`, /cannot be read from/],
  ];
  for (const [store, sentence] of wrong) {
    for (
      const [argv, environment] of [[serve(store), {}], [serve(store).slice(0, -2), {
        TINCT_STORE: store,
      }]] as const
    ) {
      const { code, stderr } = await runKeptTinct(argv, { environment });
      assert.equal(code, 2, stderr);
      assert.match(stderr, sentence);
      assert.doesNotMatch(stderr, /my-secret/);
    }
    assert.ok(!existsSync(data), "refused before anything was made");
  }

  await t.step("a database that is not there", async () => {
    const port = await freePort();
    const store = database.replace("5432", `${port}`);
    const { code, stderr } = await runKeptTinct(serve(store), {
      environment: { TINCT_DEBUG: "1" },
    });
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      new RegExp(`PostgreSQL at 127\\.0\\.0\\.1:${port}/tinct cannot be reached`),
    );
    assert.doesNotMatch(stderr, /my-secret/);
  });

  await t.step("migrate-store without a folder, a database or jobs", async () => {
    const migrate = (...args: string[]) => runKeptTinct(["migrate-store", ...args]);
    assert.match((await migrate("--store", database)).stderr, /--data-dir is missing/);
    assert.match((await migrate("--data-dir", data)).stderr, /--store is missing/);
    const none = await migrate("--data-dir", folder.path, "--store", database);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /has no jobs of its own to carry over/);
    assert.doesNotMatch(none.stderr, /my-secret/);
    const nowhere = await migrate("--data-dir", folder.join("nowhere"), "--store", database);
    assert.match(nowhere.stderr, /^There is no data folder .*nowhere; check --data-dir\.$/m);
  });
});
