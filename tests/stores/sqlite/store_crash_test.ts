import assert from "assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";
import type { Store } from "../../../src/jobs/store.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { checkDatabase } from "./check_database.ts";
import type { Acknowledged } from "./write_until_killed.ts";

function runArguments(program: string, ...args: string[]): string[] {
  return ["run", "-A", "--no-check", new URL(program, import.meta.url).pathname, ...args];
}

/** Runs the writing program and kills it after some acknowledgements; gives all it printed. */
async function writeAndKill(path: string, round: number, after: number): Promise<Acknowledged[]> {
  const args = runArguments("./write_until_killed.ts", path, String(round));
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const printed: Acknowledged[] = [];
  // What it printed after the kill was sent counts too: it was acknowledged.
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(JSON.parse(line));
    if (printed.length === after) child.kill("SIGKILL");
  }
  const [, signal] = await ended;
  assert.equal(signal, "SIGKILL");
  return printed;
}

/** Runs the dying program; gives the statements it took, or the signal that ended it. */
function makeChange(path: string, change: string, dyingStatement: number): string[] | "SIGKILL" {
  const args = runArguments("./die_at_statement.ts", path, change, String(dyingStatement));
  const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (signal === "SIGKILL") return signal;
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

async function assertHolds(store: Store, done: Acknowledged): Promise<void> {
  if (done.kind === "model") {
    assert.equal((await store.models.get(done.name, done.version)).version, done.version);
    return;
  }
  const job = await store.jobs.get(done.id);
  switch (done.kind) {
    case "events":
      assert.ok(job.lastSequence >= done.lastSequence, `${done.id} lost events`);
      break;
    case "checkpoint":
      assert.ok((await store.events.checkpoints(done.id)).some(({ step }) => step === done.step));
      break;
    case "state":
      if (done.state === "SUCCEEDED") assert.equal(job.state, "SUCCEEDED");
      else assert.ok(job.attempt > 0 && job.state !== "QUEUED");
  }
}

Deno.test("a process killed in the midst of writing loses nothing acknowledged", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  let seed = 7;
  for (let round = 0; round < 8; round++) {
    seed = seed * 48271 % 2147483647; // a place that differs from round to round, but not by chance
    const acknowledged = await writeAndKill(path, round, 1 + seed % 300);
    checkDatabase(path);
    await using store = await openSqliteStore(path);
    for (const done of acknowledged) await assertHolds(store, done);
    for (const job of await store.jobs.recover()) assert.equal(job.state, "QUEUED");
    const { jobs } = await store.jobs.list({ states: ["RUNNING", "PAUSING", "CANCELLING"] });
    assert.deepEqual(jobs, []);
  }
});

Deno.test("SIGKILL at each statement of a change leaves all of it or nothing", async (t) => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  makeChange(path, "prepare", 0);
  for (const change of ["create", "claim", "append", "trigger", "promote", "delete"]) {
    const copy = folder.join(`${change}.db`);
    await copyFile(path, copy);
    const statements = makeChange(copy, change, 0);
    assert.ok(Array.isArray(statements));
    assert.deepEqual([statements.at(0), statements.at(-1)], ["BEGIN IMMEDIATE", "COMMIT"]);
    for (const [index, statement] of statements.entries()) {
      await t.step(`${change}, before ${statement}`, () => {
        assert.equal(makeChange(path, change, index + 1), "SIGKILL");
        checkDatabase(path);
      });
    }
    // The change, which fails when it has been made before, can still be made.
    assert.deepEqual(makeChange(path, change, 0), statements);
    checkDatabase(path);
  }
});
