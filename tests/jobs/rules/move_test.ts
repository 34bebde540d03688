import assert from "assert";
import type { TriggerDetails } from "../../../src/jobs/job.ts";
import {
  holdsSlot,
  isTerminal,
  jobStates,
  jobTransitions,
  type JobTrigger,
} from "../../../src/jobs/job_state.ts";
import { claimSlot, type JobMove, moveJob } from "../../../src/jobs/rules/move.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobOf } from "./small_facts.ts";

const failure = { code: "internal", message: "It failed." } as const;

const gpu1 = { owner: "server-2", slot: "gpu-1" };

/** What a trigger needs with it. */
function detailsOf(trigger: JobTrigger): TriggerDetails {
  return trigger === "failed" ? { failure } : {};
}

for (const { from, trigger, to } of jobTransitions) {
  if (from === "(new)" || trigger === "started") continue;
  Deno.test(`moveJob() takes a ${from} job by ${trigger} to ${to}, and says so`, () => {
    const job = jobOf(from);
    const move = moveJob({ job, queued: 0, nowMs: 99 }, trigger, detailsOf(trigger));
    assert.ok(move);
    assert.deepEqual(move.expected, { state: from, epoch: job.epoch });
    assert.equal(move.state, to);
    assert.equal(move.slot, holdsSlot(to) ? "gpu-0" : undefined);
    assert.equal(move.owner, holdsSlot(to) ? "server-1" : undefined);
    const changesHands = trigger === "worker_lost" || holdsSlot(from) !== holdsSlot(to);
    assert.equal(move.epoch > job.epoch, changesHands);
    assert.equal(move.updatedAtMs, 99);
    assert.equal(move.startedAtMs, job.startedAtMs);
    assert.equal(move.finishedAtMs, isTerminal(to) ? 99 : undefined);
    const { kind, attempt, timeMs, payload } = move.event;
    assert.deepEqual([kind, attempt, timeMs], ["state", move.attempt, 99]);
    assert.deepEqual([payload.from, payload.to, payload.trigger], [from, to, trigger]);
  });
}

const changes: readonly (readonly [string, JobMove | undefined, Partial<JobMove>])[] = [
  [
    "a lost worker costs an attempt",
    moveJob({ job: jobOf("RUNNING", { lostWorkers: 2 }), queued: 0, nowMs: 99 }, "worker_lost"),
    { attempt: 2, lostWorkers: 3, toEnd: false },
  ],
  [
    "a worker that is lost while it pauses costs none",
    moveJob({ job: jobOf("PAUSING"), queued: 0, nowMs: 99 }, "worker_lost"),
    { attempt: 1, lostWorkers: 0 },
  ],
  [
    "a resumed job goes to the end, with no worker lost",
    moveJob(
      { job: jobOf("PAUSED", { attempt: 4, lostWorkers: 2 }), queued: 0, nowMs: 99 },
      "resume_requested",
    ),
    { attempt: 4, lostWorkers: 0, toEnd: true },
  ],
  [
    "a job that failed has its failure",
    moveJob({ job: jobOf("RUNNING"), queued: 0, nowMs: 99 }, "failed", { failure }),
    { failure },
  ],
  [
    "a job that failed while it was cancelled has none",
    moveJob({ job: jobOf("CANCELLING"), queued: 0, nowMs: 99 }, "failed", { failure }),
    { failure: undefined, state: "CANCELLED" },
  ],
  [
    "a server that stops leaves the place in the queue",
    moveJob({ job: jobOf("RUNNING"), queued: 9, nowMs: 99 }, "server_stopped"),
    { state: "QUEUED", toEnd: false, attempt: 1 },
  ],
  [
    "the first start is the job's start",
    claimSlot({ holder: undefined, next: jobOf("QUEUED"), nowMs: 99 }, gpu1),
    { slot: "gpu-1", owner: "server-2", attempt: 1, epoch: 1, startedAtMs: 99 },
  ],
  [
    "a later start is another attempt",
    claimSlot(
      { holder: undefined, next: jobOf("QUEUED", { attempt: 1, startedAtMs: 15 }), nowMs: 99 },
      gpu1,
    ),
    { slot: "gpu-1", attempt: 2, startedAtMs: 15 },
  ],
];

for (const [what, move, expected] of changes) {
  Deno.test(`of moves: ${what}`, () => {
    assert.ok(move);
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(Object.entries(move).find(([each]) => each === name)?.[1], value, name);
    }
  });
}

Deno.test("claimSlot() gives nothing where nothing waits", () => {
  assert.equal(claimSlot({ holder: undefined, next: undefined, nowMs: 99 }, gpu1), undefined);
});

const granted = [
  ["PAUSING", "pause_requested"],
  ["QUEUED", "resume_requested"],
  ["CANCELLED", "cancel_requested"],
] as const;

for (const [state, trigger] of granted) {
  Deno.test(`moveJob() changes nothing of a ${state} job by ${trigger}`, () => {
    // In a full queue, too: nothing is added to it.
    const job = jobOf(state);
    assert.equal(moveJob({ job, queued: 5, nowMs: 99 }, trigger, { maxQueued: 5 }), undefined);
  });
}

const refusals: readonly (readonly [string, () => unknown, ReturnType<typeof failsWith>])[] = [
  [
    "a worker of an earlier attempt",
    () => moveJob({ job: jobOf("RUNNING"), queued: 0, nowMs: 9 }, "succeeded", { attempt: 0 }),
    failsWith("failed_precondition", /at attempt 1, not 0/),
  ],
  [
    "a server that the job was taken from",
    () =>
      moveJob(
        { job: jobOf("QUEUED", { attempt: 1, epoch: 2 }), queued: 0, nowMs: 9 },
        "succeeded",
        {
          attempt: 1,
          epoch: 1,
        },
      ),
    failsWith("failed_precondition", /taken from this server.*epoch 2, not 1/),
  ],
  [
    "a resumption into a full queue",
    () =>
      moveJob({ job: jobOf("PAUSED"), queued: 5, nowMs: 9 }, "resume_requested", { maxQueued: 5 }),
    failsWith("resource_exhausted", /5 jobs are waiting, and the limit is 5/),
  ],
  [
    "a slot that is held",
    () => claimSlot({ holder: jobOf("PAUSING"), next: jobOf("QUEUED"), nowMs: 9 }, gpu1),
    failsWith("failed_precondition", /gpu-1 is held by job job-1, which is PAUSING/),
  ],
];

for (const [what, work, refusal] of refusals) {
  Deno.test(`a move is refused for ${what}`, () => assert.throws(work, refusal));
}

Deno.test("a move is refused in every state that has no arrow for it", () => {
  for (const state of jobStates.filter(isTerminal)) {
    const facts = { job: jobOf(state), queued: 0, nowMs: 9 };
    assert.throws(() => moveJob(facts, "succeeded"), failsWith("failed_precondition"));
  }
});

Deno.test("a failure goes with the trigger failed alone", () => {
  const facts = { job: jobOf("RUNNING"), queued: 0, nowMs: 9 };
  assert.throws(() => moveJob(facts, "failed"), TypeError);
  assert.throws(() => moveJob(facts, "succeeded", { failure }), TypeError);
});
