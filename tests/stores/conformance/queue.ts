import assert from "assert";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobIn, newJob, payloadsOf } from "../../jobs/small_job.ts";
import type { Bench } from "./bench.ts";

export function testQueue({ test, testFolder }: Bench): void {
  test(
    "claim() starts jobs in order of arrival, also with the clock set back",
    async (store, clock) => {
      for (const id of ["c", "a", "b"]) {
        await store.jobs.create(newJob(id));
        clock.nowMs -= 3_600_000;
      }
      const claimed = [];
      for (const slot of ["0", "1", "2", "3"]) claimed.push((await store.jobs.claim(slot))?.id);
      assert.deepEqual(claimed, ["c", "a", "b", undefined]);
    },
  );

  test("claim() refuses a slot that a job holds, in whichever state", async (store) => {
    await store.jobs.create(newJob("first"));
    await store.jobs.create(newJob("second"));
    await store.jobs.claim("gpu-0");
    const refusal = (state: string) =>
      failsWith("failed_precondition", /gpu-0/, new RegExp(`first, which is ${state}`));
    await assert.rejects(store.jobs.claim("gpu-0"), refusal("RUNNING"));
    await store.jobs.trigger("first", "pause_requested");
    await assert.rejects(store.jobs.claim("gpu-0"), refusal("PAUSING"));
    await store.jobs.trigger("first", "cancel_requested");
    await assert.rejects(store.jobs.claim("gpu-0"), refusal("CANCELLING"));
    await store.jobs.trigger("first", "cancelled");
    assert.equal((await store.jobs.claim("gpu-0"))?.id, "second");
  });

  test("claims that come together get different jobs", async (store) => {
    for (let index = 0; index < 10; index++) await store.jobs.create(newJob(`job-${index}`));
    const slots = Array.from({ length: 10 }, (_, index) => `slot-${index}`);
    const claimed = await Promise.all(slots.map((slot) => store.jobs.claim(slot)));
    assert.equal(new Set(claimed.map((job) => job?.id)).size, 10);
    assert.deepEqual(new Set(claimed.map((job) => job?.slot)), new Set(slots));
  });

  test("the queue is bounded for submissions that come together", async (store) => {
    const ids = Array.from({ length: 12 }, (_, index) => `job-${index}`);
    const answers = await Promise.allSettled(
      ids.map((id) => store.jobs.create(newJob(id), { maxQueued: 5 })),
    );
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 5);
    for (const answer of answers) {
      if (answer.status === "rejected") {
        failsWith("resource_exhausted", /the limit is 5/)(answer.reason);
      }
    }
    assert.equal((await store.jobs.list({ states: ["QUEUED"] })).jobs.length, 5);
    await store.jobs.claim("cpu");
    await store.jobs.create(newJob("late"), { maxQueued: 5 });
  });

  test("a resumed job waits behind the others, and counts towards the bound", async (store) => {
    await jobIn(store, "first", "PAUSED");
    await store.jobs.create(newJob("second"));
    await assert.rejects(
      store.jobs.trigger("first", "resume_requested", { maxQueued: 1 }),
      failsWith("resource_exhausted", /queue is full/),
    );
    assert.equal((await store.jobs.get("first")).state, "PAUSED");
    await store.jobs.trigger("first", "resume_requested", { maxQueued: 2 });
    assert.equal((await store.jobs.claim("0"))?.id, "second");
    assert.equal((await store.jobs.claim("1"))?.id, "first");
  });

  test("a job that waits knows its place, whatever came, went or was given back", async (store) => {
    const places = async () => {
      const { jobs } = await store.jobs.list({ states: ["QUEUED"] });
      return Object.fromEntries(jobs.map(({ id, queuePlace }) => [id, queuePlace]));
    };
    const created = [];
    for (const id of ["a", "b", "c", "d"]) created.push((await store.jobs.create(newJob(id))).job);
    assert.deepEqual(created.map(({ queuePlace }) => queuePlace), [1, 2, 3, 4]);
    const claimed = await store.jobs.claim("0");
    assert.deepEqual([claimed?.id, claimed?.queuePlace], ["a", undefined]);
    assert.deepEqual(await places(), { b: 1, c: 2, d: 3 });
    const paused = await store.jobs.trigger("b", "pause_requested");
    assert.equal(paused.queuePlace, undefined);
    assert.deepEqual(await places(), { c: 1, d: 2 });
    assert.equal((await store.jobs.trigger("b", "resume_requested")).queuePlace, 3);
    // What the server gives back keeps its place ahead of all that came later.
    assert.equal((await store.jobs.trigger("a", "server_stopped")).queuePlace, 1);
    assert.deepEqual(await places(), { a: 1, c: 2, d: 3, b: 4 });
    assert.equal((await store.jobs.get("d")).queuePlace, 3);
  });

  testFolder("recover() takes what a dead server left back to where it can go on", async (open) => {
    {
      await using store = await open();
      for (const state of ["PAUSED", "CANCELLED"] as const) await jobIn(store, state, state);
      for (const state of ["RUNNING", "PAUSING", "CANCELLING"] as const) {
        await jobIn(store, state, state);
      }
      await store.jobs.create(newJob("LATER"));
    }
    await using store = await open();
    const moved = await store.jobs.recover();
    assert.deepEqual(
      moved.map(({ id, state, slot }) => [id, state, slot]),
      [
        ["RUNNING", "QUEUED", undefined],
        ["PAUSING", "PAUSED", undefined],
        ["CANCELLING", "CANCELLED", undefined],
      ],
    );
    for (const job of moved) {
      assert.deepEqual(await store.jobs.get(job.id), job);
      const said = (await payloadsOf(store, job.id)).at(-1);
      assert.deepEqual(said, { from: job.id, to: job.state, trigger: "server_stopped" });
    }
    assert.deepEqual(await store.jobs.recover(), [], "nothing is left for a second time");
    const first = await store.jobs.claim("0");
    assert.deepEqual([first?.id, first?.attempt, first?.lostWorkers], ["RUNNING", 2, 0]);
    assert.equal((await store.jobs.claim("1"))?.id, "LATER");
  });
}
