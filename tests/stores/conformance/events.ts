import assert from "assert";
import { maxPayloadBytes } from "../../../src/jobs/job_event.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobIn, losses, newJob } from "../../jobs/small_job.ts";
import type { Bench } from "./bench.ts";

export function testEvents({ test }: Bench): void {
  test(
    "append() numbers events of a job without gaps, in the order given",
    async (store, clock) => {
      await jobIn(store, "job", "RUNNING"); // events 1 and 2
      assert.equal(await store.events.append("job", [losses(1), losses(2)]), 4);
      const startMs = clock.nowMs;
      clock.nowMs -= 60_000; // the clock is set back
      const timeMs = startMs + 5;
      assert.equal(await store.events.append("job", [{ ...losses(3), timeMs }, losses(4)]), 6);
      assert.equal(await store.events.append("job", []), 6);
      const events = await store.events.read("job", 3, 100);
      assert.deepEqual(
        events.map(({ sequence, timeMs, payload }) => [sequence, timeMs, payload["step"]]),
        [[3, startMs, 1], [4, startMs, 2], [5, timeMs, 3], [6, clock.nowMs, 4]],
      );
      assert.deepEqual(events[0], {
        sequence: 3,
        kind: "losses",
        attempt: 1,
        timeMs: startMs,
        payload: { step: 1, loss_D: 0.5, loss_G: 12.25 },
      });
      assert.equal((await store.jobs.get("job")).lastSequence, 6);
    },
  );

  test("events of different jobs are numbered apart", async (store) => {
    await jobIn(store, "a", "RUNNING");
    await jobIn(store, "b", "RUNNING");
    await store.events.append("a", [losses(1), losses(2), losses(3)]);
    assert.equal(await store.events.append("b", [losses(1)]), 3);
  });

  test("appends that come together get every number once", async (store) => {
    await jobIn(store, "job", "RUNNING");
    const batches = Array.from({ length: 200 }, (_, index) => [losses(index), losses(index)]);
    const lasts = await Promise.all(batches.map((batch) => store.events.append("job", batch)));
    assert.deepEqual([...lasts].sort((a, b) => a - b), lasts, "in the order of the calls");
    const events = await store.events.read("job", 1, 10_000);
    assert.deepEqual(events.map(({ sequence }) => sequence), range(1, 402));
    assert.deepEqual(
      events.slice(2).map(({ payload }) => payload["step"]),
      batches.flatMap((_, index) => [index, index]),
    );
  });

  test("read() begins at a number and ends at a limit", async (store) => {
    await jobIn(store, "job", "RUNNING");
    await store.events.append("job", range(3, 10).map(losses));
    const read = async (from: number, limit: number) =>
      (await store.events.read("job", from, limit)).map(({ sequence }) => sequence);
    assert.deepEqual(await read(4, 3), [4, 5, 6]);
    assert.deepEqual(await read(9, 3), [9, 10]);
    assert.deepEqual(await read(11, 3), []);
    for (const limit of [0, 10_001, 0.5]) await assert.rejects(read(1, limit), RangeError);
  });

  test("append() appends all or none", async (store) => {
    await jobIn(store, "job", "RUNNING");
    const large = { kind: "log", payload: { text: "x".repeat(maxPayloadBytes) } } as const;
    await assert.rejects(
      store.events.append("job", [losses(1), large, losses(2)]),
      failsWith("invalid_argument", /kind log takes 16395 bytes and may take 16384/),
    );
    const notANumber = { kind: "losses", payload: { loss_D: NaN } } as const;
    await assert.rejects(store.events.append("job", [losses(1), notANumber]), TypeError);
    assert.equal((await store.jobs.get("job")).lastSequence, 2);
    assert.equal((await store.events.read("job", 1, 10)).length, 2);
  });

  for (const state of ["CANCELLED", "SUCCEEDED", "FAILED"] as const) {
    test(`a job that is ${state} gets no more events`, async (store) => {
      const { lastSequence } = await jobIn(store, "job", state);
      const refusal = failsWith("failed_precondition", new RegExp(state), /takes no more events/);
      await assert.rejects(store.events.append("job", [losses(1)]), refusal);
      assert.equal((await store.events.read("job", 1, 10)).at(-1)?.sequence, lastSequence);
    });
  }

  test("a failed call leaves those that come with it alone", async (store) => {
    await jobIn(store, "job", "RUNNING");
    const outcomes = await Promise.allSettled([
      store.events.append("job", [losses(1)]),
      store.events.append("nobody", [losses(1)]),
      store.jobs.create(newJob("job")),
      store.events.append("job", [losses(2)]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected", "fulfilled"],
    );
    assert.equal((await store.jobs.get("job")).lastSequence, 4);
  });

  test("what fails half-way leaves nothing, and those that come with it alone", async (store) => {
    const job = await jobIn(store, "job", "RUNNING");
    const outside = { step: 1, epoch: 1, path: "/etc", sizeBytes: 1, best: false };
    const outcomes = await Promise.allSettled([
      store.events.append("job", [losses(1)]),
      store.events.append("job", [{ kind: "checkpoint", payload: {}, checkpoint: outside }]),
      store.jobs.trigger("job", "worker_lost", { payload: { loss_D: NaN } }),
      store.events.append("job", [losses(2)]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected", "fulfilled"],
    );
    assert.deepEqual(await store.jobs.get("job"), { ...job, lastSequence: 4 });
    const events = await store.events.read("job", 3, 10);
    assert.deepEqual(events.map(({ payload }) => payload["step"]), [1, 2]);
  });

  test("newest() finds the last event of a kind, however far back it is", async (store) => {
    await jobIn(store, "job", "RUNNING");
    await jobIn(store, "other", "RUNNING");
    const validation = (step: number) => ({ kind: "validation", payload: { step } }) as const;
    await store.events.append("job", [validation(1), losses(2), validation(3)]);
    await store.events.append("other", [validation(9)]);
    const many = Array.from({ length: 1500 }, (_, index) => losses(index + 4));
    await store.events.append("job", many);
    const step = async (...about: Parameters<typeof store.events.newest>) =>
      (await store.events.newest(...about))?.payload["step"];
    assert.equal(await step("job", "validation"), 3);
    assert.equal(await step("job", "validation", 5), 3, "up to this event, itself included");
    assert.equal(await step("job", "validation", 4), 1);
    assert.equal(await step("job", "validation", 2), undefined);
    assert.equal(await step("job", "losses"), 1503);
    assert.equal(await step("job", "losses", 4), 2);
    assert.equal(await store.events.newest("job", "sample"), undefined);
    await assert.rejects(store.events.newest("none", "log"), failsWith("not_found", /none/));
  });

  test("a checkpoint is recorded with its event", async (store, clock) => {
    await jobIn(store, "job", "RUNNING");
    const checkpoint = (step: number, best = false) => ({
      step,
      epoch: step / 800,
      path: `jobs/job/checkpoints/step-${step}`,
      sizeBytes: 600_000_000,
      best,
    });
    const event = (step: number, best?: boolean) =>
      ({ kind: "checkpoint", payload: { step }, checkpoint: checkpoint(step, best) }) as const;
    assert.deepEqual(await store.events.checkpoints("job"), []);
    await store.events.append("job", [event(1000), losses(1001)]);
    clock.nowMs += 1000;
    await store.events.append("job", [event(500), event(1000, true), event(2000)]);
    const added = { jobId: "job", createdAtMs: clock.nowMs };
    assert.deepEqual(await store.events.checkpoints("job"), [
      { ...checkpoint(500), ...added, sequence: 5 },
      { ...checkpoint(1000, true), ...added, sequence: 6 },
      { ...checkpoint(2000), ...added, sequence: 7 },
    ]);
    await store.events.forgetCheckpoints("job", [500, 1000, 77]);
    assert.deepEqual((await store.events.checkpoints("job")).map(({ step }) => step), [2000]);
  });

  test("onAppended() tells of events before the call that made them returns", async (store) => {
    const told: string[] = [];
    const listening = store.onAppended(({ jobId, lastSequence }) => {
      told.push(`${jobId} ${lastSequence}`);
    });
    await store.jobs.create(newJob("job"));
    assert.deepEqual(told, ["job 1"]);
    await store.jobs.claim("cpu");
    await store.events.append("job", [losses(1), losses(2)]);
    assert.deepEqual(told, ["job 1", "job 2", "job 4"]);
    await store.jobs.trigger("job", "resume_requested"); // granted already: no event
    await assert.rejects(store.jobs.trigger("job", "paused"));
    await store.jobs.recover();
    assert.deepEqual(told.slice(3), ["job 5"]);
    listening[Symbol.dispose]();
    await store.jobs.trigger("job", "cancel_requested");
    assert.equal(told.length, 4);
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
