import assert from "assert";
import type { NewJob } from "../../../src/jobs/job.ts";
import { type CreateFacts, createJob } from "../../../src/jobs/rules/create.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { newJob } from "../small_job.ts";
import { jobOf } from "./small_facts.ts";

const facts: CreateFacts = {
  requested: undefined,
  idTaken: false,
  queued: 0,
  originExists: true,
  nowMs: 99,
};

const request = { id: "r", hash: "h" };
const origin = { mode: "start", jobId: "job-0", step: 2 } as const;

Deno.test("createJob() makes a job that waits, and the event that says so", () => {
  const wish = newJob("job-1", { labels: { a: "b" }, origin, request });
  const made = createJob(facts, wish, { maxQueued: 1 });
  assert.ok("creation" in made);
  const { job, event, request: kept } = made.creation;
  assert.deepEqual({ ...job, queuePlace: 1 }, {
    ...jobOf("QUEUED"),
    config: wish.config,
    labels: { a: "b" },
    origin,
    lastSequence: 1,
    createdAtMs: 99,
    updatedAtMs: 99,
  });
  assert.deepEqual(kept, request);
  assert.deepEqual(event, {
    kind: "state",
    attempt: 0,
    timeMs: 99,
    payload: { from: "(new)", to: "QUEUED", trigger: "submitted" },
  });
});

Deno.test("createJob() gives a repeated request its job, whatever else has changed", () => {
  const made = jobOf("SUCCEEDED");
  const known = { requested: { made, hash: "h" }, idTaken: true, originExists: false, queued: 9 };
  const wish = newJob("../etc", { origin, request });
  assert.deepEqual(createJob({ ...facts, ...known }, wish, { maxQueued: 0 }), { known: made });
});

const long = "x".repeat(201);

const refusals: readonly (readonly [
  string,
  Partial<CreateFacts>,
  NewJob,
  ReturnType<typeof failsWith>,
])[] = [
  [
    "a request's id that came with another request",
    { requested: { made: jobOf("QUEUED"), hash: "other" } },
    newJob("job-2", { request }),
    failsWith("already_exists", /"r" was used for .* job job-1/),
  ],
  ["an id that is taken", { idTaken: true }, newJob("job-2"), failsWith("already_exists", /job-2/)],
  ["an id that is no name", {}, newJob("../etc"), failsWith("invalid_argument", /"\.\.\/etc"/)],
  [
    "two fields that do not fit",
    {},
    newJob("job-2", { displayName: long, request: { id: "", hash: "h" } }),
    failsWith("invalid_argument", /displayName/, /requestId/),
  ],
  ["a label's empty key", {}, newJob("j", { labels: { "": "x" } }), failsWith("invalid_argument")],
  ["a label's long value", {}, newJob("j", { labels: { a: long } }), failsWith("invalid_argument")],
  [
    "65 labels",
    {},
    newJob("j", { labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`${n}`, ""])) }),
    failsWith("invalid_argument", /at most 64/),
  ],
  [
    "a full queue",
    { queued: 5 },
    newJob("job-2"),
    failsWith("resource_exhausted", /5 jobs are waiting, and the limit is 5/),
  ],
  [
    "an origin that is gone",
    { originExists: false },
    newJob("job-2", { origin }),
    failsWith("not_found", /no job job-0/),
  ],
];

for (const [what, known, wish, refusal] of refusals) {
  Deno.test(`createJob() refuses ${what}`, () => {
    assert.throws(() => createJob({ ...facts, ...known }, wish, { maxQueued: 5 }), refusal);
  });
}

Deno.test("createJob() says first what the client can mend, then that the queue is full", () => {
  const full = { ...facts, queued: 5, idTaken: true };
  const limits = { maxQueued: 5 };
  assert.throws(() => createJob(full, newJob("../etc"), limits), failsWith("invalid_argument"));
  assert.throws(() => createJob(full, newJob("job-2"), limits), failsWith("already_exists"));
});
