import assert from "assert";
import {
  grantedWishes,
  isTerminal,
  jobStates,
  jobTransitions,
  type JobTrigger,
} from "../../../src/jobs/job_state.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobIn, losses, payloadsOf } from "../../jobs/small_job.ts";
import type { Bench } from "./bench.ts";

const failure = { code: "internal", message: "The worker ended with exit code 1." } as const;

/** Every trigger that can be pulled by name; jobs are submitted and started by other methods. */
type NamedTrigger = Exclude<JobTrigger, "submitted" | "started">;
const triggers = [...new Set(jobTransitions.map(({ trigger }) => trigger))]
  .filter((trigger): trigger is NamedTrigger => trigger !== "submitted" && trigger !== "started");

export function testTriggers({ test }: Bench): void {
  for (const state of jobStates) {
    test(`from ${state} every trigger does what the table says, and nothing else`, async (store) => {
      for (const trigger of triggers) {
        const before = await jobIn(store, `${state}-${trigger}`, state);
        const pulled = store.jobs.trigger(before.id, trigger, {
          failure: trigger === "failed" ? failure : undefined,
        });
        const transition = jobTransitions.find((each) => {
          return each.from === state && each.trigger === trigger;
        });
        if (transition) {
          const after = await pulled;
          assert.equal(after.state, transition.to);
          assert.equal(after.lastSequence, before.lastSequence + 1);
          assert.deepEqual(after, await store.jobs.get(before.id));
          const said = (await payloadsOf(store, before.id)).at(-1);
          assert.equal(`${said?.["from"]} ${said?.["to"]}`, `${state} ${transition.to}`);
        } else if (grantedWishes[trigger]?.includes(state)) {
          assert.deepEqual(await pulled, before);
        } else {
          await assert.rejects(pulled, failsWith("failed_precondition", new RegExp(state)));
          assert.deepEqual(await store.jobs.get(before.id), before);
        }
        const { state: now } = await store.jobs.get(before.id);
        if (isTerminal(now)) await store.jobs.delete(before.id);
        else await store.jobs.trigger(before.id, "cancel_requested");
      }
    });
  }

  test("times, slot and attempt follow the state", async (store, clock) => {
    const at = (offsetMs: number) => clock.nowMs = 1_700_000_000_000 + offsetMs;
    const facts = async () => {
      const { attempt, slot, startedAtMs, updatedAtMs, finishedAtMs } = await store.jobs.get("job");
      return [attempt, slot, startedAtMs, updatedAtMs, finishedAtMs];
    };
    const created = at(0);
    await jobIn(store, "job", "QUEUED");
    assert.deepEqual(await facts(), [0, undefined, undefined, created, undefined]);
    const started = at(10);
    await store.jobs.claim("gpu-0");
    assert.deepEqual(await facts(), [1, "gpu-0", started, started, undefined]);
    const pausing = at(20);
    await store.jobs.trigger("job", "pause_requested");
    assert.deepEqual(await facts(), [1, "gpu-0", started, pausing, undefined]);
    const paused = at(30);
    await store.jobs.trigger("job", "paused", { attempt: 1 });
    assert.deepEqual(await facts(), [1, undefined, started, paused, undefined]);
    await store.jobs.trigger("job", "resume_requested");
    const again = at(40);
    await store.jobs.claim("gpu-1");
    assert.deepEqual(await facts(), [2, "gpu-1", started, again, undefined]);
    const finished = at(50);
    await store.jobs.trigger("job", "succeeded", { attempt: 2 });
    assert.deepEqual(await facts(), [2, undefined, started, finished, finished]);
  });

  test("a lost worker begins a new attempt, and the earlier one is not heard", async (store) => {
    await jobIn(store, "job", "RUNNING");
    const payload = { signal: "SIGKILL", lastStep: 120 };
    const job = await store.jobs.trigger("job", "worker_lost", { attempt: 1, payload });
    assert.deepEqual([job.state, job.attempt, job.lostWorkers], ["RUNNING", 2, 1]);
    assert.equal(job.slot, "slot-of-job");
    const last = (await store.events.read("job", job.lastSequence, 1))[0];
    assert.deepEqual([last?.attempt, last?.payload["details"]], [2, payload]);

    const late = failsWith("failed_precondition", /attempt 2, not 1/);
    await assert.rejects(store.jobs.trigger("job", "worker_lost", { attempt: 1 }), late);
    await assert.rejects(store.jobs.trigger("job", "succeeded", { attempt: 1 }), late);
    await assert.rejects(store.events.append("job", [losses(1)], { attempt: 1 }), late);
    assert.deepEqual(await store.jobs.get("job"), job);

    await store.jobs.trigger("job", "worker_lost");
    await store.jobs.trigger("job", "pause_requested");
    await store.jobs.trigger("job", "paused");
    const resumed = await store.jobs.trigger("job", "resume_requested");
    assert.deepEqual([resumed.attempt, resumed.lostWorkers], [3, 0]);
  });

  test("a failure is kept with its code and told to watchers", async (store) => {
    await jobIn(store, "job", "RUNNING");
    const job = await store.jobs.trigger("job", "failed", { failure, payload: { lastStep: 7 } });
    assert.deepEqual(job.failure, failure);
    assert.deepEqual((await payloadsOf(store, "job")).at(-1), {
      from: "RUNNING",
      to: "FAILED",
      trigger: "failed",
      failure,
      details: { lastStep: 7 },
    });
    await jobIn(store, "other", "RUNNING");
    await assert.rejects(store.jobs.trigger("other", "failed"), TypeError);
    await assert.rejects(store.jobs.trigger("other", "succeeded", { failure }), TypeError);
    assert.equal((await store.jobs.get("other")).state, "RUNNING");
  });

  test("a failure while CANCELLING is told, and the job is CANCELLED", async (store) => {
    await jobIn(store, "job", "CANCELLING");
    const job = await store.jobs.trigger("job", "failed", { failure });
    assert.deepEqual([job.state, job.failure], ["CANCELLED", undefined]);
    assert.deepEqual((await payloadsOf(store, "job")).at(-1)?.["failure"], failure);
  });

  test("of wishes that come together each job fulfils one at a time", async (store) => {
    await jobIn(store, "job", "RUNNING");
    const outcomes = await Promise.allSettled([
      store.jobs.trigger("job", "succeeded"),
      store.jobs.trigger("job", "cancel_requested"),
      store.jobs.trigger("job", "failed", { failure }),
      store.jobs.trigger("job", "pause_requested"),
    ]);
    const states = (await payloadsOf(store, "job")).map(({ from, to }) => [from, to]);
    for (const [index, [from]] of states.entries()) {
      if (index > 0) assert.equal(from, states[index - 1]?.[1], "each goes on from the one before");
    }
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, states.length - 2);
  });
}
