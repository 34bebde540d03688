import assert from "assert";
import { DatabaseSync } from "node:sqlite";
import { eventKinds } from "../../../src/jobs/job_event.ts";
import { holdsSlot, isTerminal, jobStates } from "../../../src/jobs/job_state.ts";
import { migrate } from "../../../src/stores/sqlite/migrate.ts";

/** An empty database in memory. */
function newDatabase(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  migrate(database, ":memory:");
  return database;
}

/** A row of `jobs`, as one in a state has to be. */
function jobRow(state: string): Record<string, string | number | null> {
  const known = jobStates.find((each) => each === state) ?? "QUEUED";
  const started = holdsSlot(known) || known === "SUCCEEDED" || known === "FAILED";
  return {
    number: 1,
    id: "job",
    state,
    queue_position: 1,
    slot: holdsSlot(known) ? "gpu-0" : null,
    owner: holdsSlot(known) ? "local" : null,
    attempt: started ? 1 : 0,
    lost_workers: 0,
    display_name: "",
    labels: "{}",
    dataset: "photos",
    config: "{}",
    origin_mode: null,
    origin_job_id: null,
    origin_step: null,
    request_id: null,
    request_hash: null,
    failure_code: known === "FAILED" ? "internal" : null,
    failure_message: known === "FAILED" ? "It failed." : null,
    last_sequence: 0,
    created_at_ms: 5,
    updated_at_ms: 4, // clocks are set back
    started_at_ms: started ? 3 : null,
    finished_at_ms: isTerminal(known) ? 2 : null,
  };
}

function insert(
  database: DatabaseSync,
  table: string,
  row: Record<string, string | number | null>,
) {
  const columns = Object.keys(row);
  const marks = columns.map(() => "?").join(", ");
  const sql = `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${marks})`;
  return database.prepare(sql).run(...Object.values(row));
}

Deno.test("the schema takes a proper job in every state the code knows, and no other state", () => {
  for (const state of jobStates) {
    using database = newDatabase();
    insert(database, "jobs", jobRow(state));
  }
  using database = newDatabase();
  assert.throws(() => insert(database, "jobs", jobRow("ASLEEP")), /CHECK constraint failed: state/);
});

Deno.test("the schema knows the kinds of events that the code knows", () => {
  using database = newDatabase();
  const rows = database.prepare("SELECT kind FROM event_kinds").all();
  assert.deepEqual(rows.map(({ kind }) => kind).toSorted(), eventKinds.toSorted());
});

const brokenJobs: readonly (readonly [string, string, Record<string, string | number | null>])[] = [
  ["a slot while it waits", "QUEUED", { slot: "gpu-0" }],
  ["no slot while it runs", "RUNNING", { slot: null }],
  ["no slot while it is cancelled", "CANCELLING", { slot: null }],
  ["an end while it runs", "RUNNING", { finished_at_ms: 9 }],
  ["no end when it is over", "SUCCEEDED", { finished_at_ms: null }],
  ["a failure that did not fail", "SUCCEEDED", { failure_code: "x", failure_message: "x" }],
  ["no reason for its failure", "FAILED", { failure_code: null, failure_message: null }],
  ["a failure without a sentence", "FAILED", { failure_message: null }],
  ["an attempt that never began", "RUNNING", { started_at_ms: null }],
  ["no attempt while it runs", "RUNNING", { attempt: 0, started_at_ms: null }],
  ["more lost workers than attempts", "RUNNING", { lost_workers: 2 }],
  ["half a request", "QUEUED", { request_id: "r" }],
  ["half an origin", "QUEUED", { origin_mode: "resume" }],
  ["the step of no origin", "QUEUED", { origin_step: 5 }],
  ["an unknown kind of origin", "QUEUED", { origin_mode: "copy", origin_job_id: "job-0" }],
  ["labels that are no object", "QUEUED", { labels: "[]" }],
  ["a configuration that is no JSON", "QUEUED", { config: "{" }],
  ["a time that is text", "QUEUED", { created_at_ms: "yesterday" }],
  ["no dataset", "QUEUED", { dataset: "" }],
  ["an id of 65 characters", "QUEUED", { id: "x".repeat(65) }],
];

for (const [what, state, wrong] of brokenJobs) {
  Deno.test(`the schema refuses a job with ${what}`, () => {
    using database = newDatabase();
    const row = { ...jobRow(state), ...wrong };
    assert.throws(
      () => insert(database, "jobs", row),
      /CHECK constraint failed|cannot store TEXT|malformed JSON/,
    );
  });
}

const model = { name: "m", version: 1, job_id: "job", step: 1, path: "p", size_bytes: 1 };
const written = { details: "{}", created_at_ms: 1 };

/** Statements on a database that holds a running job, an event of it, a model and a dataset. */
const brokenChanges: readonly (readonly [string, string, RegExp])[] = [
  [
    "two jobs on one slot",
    `INSERT INTO jobs SELECT 2, 'job-2', state, 2, slot, attempt, lost_workers, '', labels, dataset,
      config, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1, 1, 1, NULL, owner, 1, 0 FROM jobs`,
    /UNIQUE constraint failed: jobs.owner, jobs.slot/,
  ],
  ["a slot without its server", "UPDATE jobs SET owner = NULL", /slot has an owner/],
  ["an epoch below 0", "UPDATE jobs SET epoch = -1", /CHECK/],
  ["a job to be deleted unmarked", "DELETE FROM jobs", /marked as deleted first/],
  ["a running job to be marked as deleted", "UPDATE jobs SET deleted = 1", /CHECK/],
  ["an event to be changed", "UPDATE events SET time_ms = 0", /event does not change/],
  [
    "an event's number to be given twice",
    "INSERT INTO events SELECT * FROM events",
    /UNIQUE constraint failed: events.job, events.sequence/,
  ],
  [
    "an event of an unknown kind",
    "INSERT INTO events VALUES (1, 2, 'rumour', 1, 1, '{}')",
    /FOREIGN KEY/,
  ],
  ["an event of no job", "INSERT INTO events VALUES (7, 1, 'log', 1, 1, '{}')", /FOREIGN KEY/],
  ["an event number 0", "INSERT INTO events VALUES (1, 0, 'log', 1, 1, '{}')", /CHECK/],
  ["a payload that is no object", "INSERT INTO events VALUES (1, 2, 'log', 1, 1, '3')", /CHECK/],
  ["a model version to be changed", "UPDATE models SET path = 'q'", /version does not change/],
  [
    "a checkpoint outside the data folder",
    "INSERT INTO checkpoints VALUES (1, 1, 1, '/etc', 1, 0, 1, 1)",
    /CHECK/,
  ],
  [
    "a dataset that is READY without a report",
    "UPDATE datasets SET state = 'READY'",
    /CHECK/,
  ],
  [
    "more gray photos than photos",
    "UPDATE datasets SET gray_count = 1",
    /CHECK/,
  ],
];

for (const [what, sql, refusal] of brokenChanges) {
  Deno.test(`the schema refuses ${what}`, () => {
    using database = newDatabase();
    insert(database, "jobs", jobRow("RUNNING"));
    database.exec("INSERT INTO events VALUES (1, 1, 'log', 1, 1, '{}')");
    database.exec("INSERT INTO model_names VALUES ('m', 1)");
    insert(database, "models", { ...model, ...written });
    database.exec("INSERT INTO datasets VALUES ('d', 'UPLOADING', 0, 0, 0, 0, NULL, 1, 1, '')");
    assert.throws(() => database.exec(sql), refusal);
  });
}

for (const state of jobStates.filter(isTerminal)) {
  Deno.test(`the schema keeps a job that is ${state} as it is`, () => {
    using database = newDatabase();
    insert(database, "jobs", jobRow(state));
    for (const column of ["state = 'QUEUED'", "last_sequence = 1", "display_name = 'x'"]) {
      assert.throws(() => database.exec(`UPDATE jobs SET ${column}`), /is over does not change/);
    }
  });
}
