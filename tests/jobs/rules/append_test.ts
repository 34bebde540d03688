import assert from "assert";
import { isTerminal, jobStates } from "../../../src/jobs/job_state.ts";
import { appendEvents } from "../../../src/jobs/rules/append.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { losses } from "../small_job.ts";
import { jobOf } from "./small_facts.ts";

Deno.test("appendEvents() gives events the job's attempt, and the time where they have none", () => {
  const checkpoint = { step: 2, epoch: 1, path: "jobs/job-1/2", sizeBytes: 1, best: true };
  const job = jobOf("RUNNING", { attempt: 3 });
  const events = [losses(1), { kind: "checkpoint", payload: {}, timeMs: 7, checkpoint } as const];
  assert.deepEqual(appendEvents({ job, lastNumber: 0, nowMs: 99 }, events, { attempt: 3 }).events, [
    {
      kind: "losses",
      attempt: 3,
      timeMs: 99,
      payload: '{"step":1,"loss_D":0.5,"loss_G":12.25}',
      checkpoint: undefined,
    },
    { kind: "checkpoint", attempt: 3, timeMs: 7, payload: "{}", checkpoint },
  ]);
});

for (const state of jobStates) {
  Deno.test(`a job that is ${state} ${isTerminal(state) ? "gets no" : "may get"} events`, () => {
    const facts = { job: jobOf(state), lastNumber: 0, nowMs: 99 };
    const append = () => appendEvents(facts, [losses(1)], {});
    if (!isTerminal(state)) return assert.equal(append().events.length, 1);
    assert.throws(
      append,
      failsWith("failed_precondition", new RegExp(`is ${state}.*no more events`)),
    );
  });
}

Deno.test("appendEvents() refuses what a worker of an earlier attempt says, were it nothing", () => {
  const facts = { job: jobOf("RUNNING", { attempt: 2 }), lastNumber: 0, nowMs: 99 };
  const refusal = failsWith("failed_precondition", /at attempt 2, not 1/);
  assert.throws(() => appendEvents(facts, [], { attempt: 1 }), refusal);
});

for (const bytes of [16 * 1024, 16 * 1024 + 1]) {
  const fits = bytes === 16 * 1024;
  Deno.test(`a payload of ${bytes} bytes is ${fits ? "written" : "refused"}`, () => {
    const message = `é${"e".repeat(bytes - '{"message":"é"}'.length - 1)}`; // an é takes two
    const event = { kind: "log", payload: { message } } as const;
    const facts = { job: jobOf("RUNNING"), lastNumber: 0, nowMs: 99 };
    const append = () => appendEvents(facts, [event], {});
    if (fits) return assert.equal(append().events.length, 1);
    assert.throws(append, failsWith("invalid_argument", /log takes 16385 bytes/));
  });
}

Deno.test("appendEvents() leaves out what the attempt has appended before", () => {
  const facts = { job: jobOf("RUNNING"), lastNumber: 7, nowMs: 99 };
  const numbered = [6, 7, 8, 9].map((number) => ({ ...losses(number), number }));
  const { events, lastNumber } = appendEvents(facts, [...numbered, losses(0)], {});
  const steps = events.map(({ payload }) => JSON.parse(payload).step);
  assert.deepEqual([steps, lastNumber], [[8, 9, 0], 9]);
  assert.deepEqual(appendEvents(facts, numbered.slice(0, 2), {}), { events: [], lastNumber: 7 });
});

Deno.test("appendEvents() refuses a server that the job was taken from", () => {
  const facts = { job: jobOf("QUEUED", { attempt: 1, epoch: 2 }), lastNumber: 0, nowMs: 99 };
  const refusal = failsWith("failed_precondition", /taken from this server/);
  assert.throws(() => appendEvents(facts, [losses(1)], { attempt: 1, epoch: 1 }), refusal);
});
