import assert from "assert";
import { requestHash } from "../../../src/jobs/json.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobIn, newJob, payloadsOf } from "../../jobs/small_job.ts";
import type { Bench } from "./bench.ts";

export function testJobs({ test, testFolder }: Bench): void {
  test("create() queues a job with all that was submitted", async (store, clock) => {
    const origin = { mode: "resume", jobId: "job-0", step: 500 } as const;
    await jobIn(store, "job-0", "SUCCEEDED");
    const submitted = newJob("job-1", {
      displayName: "Gärten",
      labels: { team: "blue", "__proto__": "x", "a.b/c": "" },
      config: { nested: { list: [1, 2.5, null, "ü", true] } },
      origin,
      request: { id: "r", hash: "h" },
    });
    const { job, created } = await store.jobs.create(submitted);
    assert.equal(created, true);
    assert.deepEqual(job, {
      id: "job-1",
      state: "QUEUED",
      queuePlace: 1,
      attempt: 0,
      epoch: 0,
      lostWorkers: 0,
      slot: undefined,
      owner: undefined,
      displayName: "Gärten",
      labels: { team: "blue", "__proto__": "x", "a.b/c": "" },
      dataset: "photos",
      config: { nested: { list: [1, 2.5, null, "ü", true] } },
      origin,
      failure: undefined,
      lastSequence: 1,
      createdAtMs: clock.nowMs,
      updatedAtMs: clock.nowMs,
      startedAtMs: undefined,
      finishedAtMs: undefined,
    });
    assert.deepEqual(await store.jobs.get("job-1"), job);
    assert.deepEqual(await payloadsOf(store, "job-1"), [
      { from: "(new)", to: "QUEUED", trigger: "submitted" },
    ]);
  });

  test("a repeated request gives the same job, whatever has become of it", async (store) => {
    const request = { id: "r-1", hash: requestHash({ epochs: 2 }) };
    const { job } = await store.jobs.create(newJob("job-1", { request }));
    const running = await store.jobs.claim("cpu");
    const again = await store.jobs.create(newJob("job-2", { request }), { maxQueued: 0 });
    assert.deepEqual(again, { job: running, created: false });
    assert.equal(again.job.id, job.id);
    await assert.rejects(store.jobs.get("job-2"), failsWith("not_found", /job-2/));
  });

  test("findRequested() gives the job of a request, and none for a new one", async (store) => {
    const request = { id: "r-1", hash: requestHash({ epochs: 2 }) };
    assert.equal(await store.jobs.findRequested(request), undefined);
    const { job } = await store.jobs.create(newJob("job-1", { request }));
    assert.deepEqual(await store.jobs.findRequested(request), job);
    await assert.rejects(
      store.jobs.findRequested({ id: "r-1", hash: "other" }),
      failsWith("already_exists", /"r-1"/, /job-1/),
    );
    await store.jobs.trigger("job-1", "cancel_requested");
    await store.jobs.delete("job-1");
    assert.equal(await store.jobs.findRequested(request), undefined);
  });

  test("a request id that comes with another request is refused", async (store) => {
    const submit = (id: string, epochs: number) =>
      store.jobs.create(newJob(id, { request: { id: "r-1", hash: requestHash({ epochs }) } }));
    await submit("job-1", 2);
    await assert.rejects(submit("job-2", 3), failsWith("already_exists", /"r-1"/, /job-1/));
    assert.equal((await store.jobs.list()).jobs.length, 1);
  });

  test("of equal requests that come together one makes the job", async (store) => {
    const request = { id: "r-1", hash: "h" };
    const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    const answers = await Promise.all(
      ids.map((id) => store.jobs.create(newJob(id, { request }))),
    );
    assert.equal(answers.filter(({ created }) => created).length, 1);
    assert.equal(new Set(answers.map(({ job }) => job.id)).size, 1);
  });

  test("create() refuses a job that does not fit, and says all that is wrong", async (store) => {
    await store.jobs.create(newJob("job-1"));
    const long = "x".repeat(201);
    const refusals = [
      [newJob("job-1"), failsWith("already_exists", /job-1/)],
      [newJob("../etc"), failsWith("invalid_argument", /"\.\.\/etc"/)],
      [newJob("job."), failsWith("invalid_argument", /"job\."/)],
      [
        newJob("job-2", { displayName: long, request: { id: "", hash: "h" } }),
        failsWith("invalid_argument", /displayName/, /requestId/),
      ],
      [newJob("job-2", { labels: { "": "x" } }), failsWith("invalid_argument", /labels/)],
      [newJob("job-2", { labels: { a: long } }), failsWith("invalid_argument", /labels/)],
    ] as const;
    for (const [job, refusal] of refusals) await assert.rejects(store.jobs.create(job), refusal);
    const notJson = newJob("job-2", { config: { lrG: NaN } });
    await assert.rejects(store.jobs.create(notJson), TypeError);
    assert.equal((await store.jobs.list()).jobs.length, 1);
  });

  test("a job that is not there is not_found for every call", async (store) => {
    const refusal = failsWith("not_found", /job-9/);
    await assert.rejects(store.jobs.get("job-9"), refusal);
    await assert.rejects(store.jobs.trigger("job-9", "cancel_requested"), refusal);
    await assert.rejects(store.jobs.delete("job-9"), refusal);
    await assert.rejects(store.events.read("job-9", 1, 1), refusal);
    await assert.rejects(store.events.append("job-9", []), refusal);
    await assert.rejects(store.events.checkpoints("job-9"), refusal);
    await assert.rejects(store.events.forgetCheckpoints("job-9", []), refusal);
  });

  test("delete() takes a job that is over, with its events, and no other", async (store) => {
    for (const state of ["QUEUED", "RUNNING", "PAUSING", "PAUSED", "CANCELLING"] as const) {
      const { id } = await jobIn(store, `job-${state}`, state);
      await assert.rejects(
        store.jobs.delete(id),
        failsWith("failed_precondition", new RegExp(`${id} is ${state}.*cancel it first`)),
      );
      assert.equal((await store.jobs.get(id)).state, state);
      await store.jobs.trigger(id, "cancel_requested"); // so that it is not in the next one's way
    }
    for (const state of ["CANCELLED", "SUCCEEDED", "FAILED"] as const) {
      const { id } = await jobIn(store, `job-${state}`, state);
      await store.jobs.delete(id);
      await assert.rejects(store.jobs.get(id), failsWith("not_found"));
      await assert.rejects(store.events.read(id, 1, 1), failsWith("not_found"));
      await store.jobs.create(newJob(id));
      assert.equal((await payloadsOf(store, id)).length, 1, "nothing of the old job's events");
      await store.jobs.trigger(id, "cancel_requested");
    }
  });

  test("delete() refuses a job whose checkpoint another still needs, however many jobs there are", async (store) => {
    await jobIn(store, "job-old", "SUCCEEDED");
    const origin = { mode: "start", jobId: "job-old", step: 2 } as const;
    await store.jobs.create(newJob("job-heir", { origin }));
    for (let index = 0; index < 1100; index++) await store.jobs.create(newJob(`job-${index}`));
    const refusal = failsWith(
      "failed_precondition",
      /job-heir is QUEUED and starts from .*job-old/,
    );
    await assert.rejects(store.jobs.requireDeletable("job-old"), refusal);
    await assert.rejects(store.jobs.delete("job-old"), refusal);
    // One that has begun would begin anew with the same checkpoint if its worker were lost.
    assert.equal((await store.jobs.claim("cpu"))?.id, "job-heir");
    await assert.rejects(
      store.jobs.delete("job-old"),
      failsWith("failed_precondition", /job-heir is RUNNING/),
    );
    const checkpoint = { step: 4, epoch: 1, path: "jobs/job-heir/4", sizeBytes: 1, best: false };
    await store.events.append("job-heir", [{ kind: "checkpoint", payload: {}, checkpoint }]);
    await store.jobs.requireDeletable("job-old");
    await store.jobs.delete("job-old");
    await assert.rejects(store.jobs.get("job-old"), failsWith("not_found", /job-old/));
    const late = store.jobs.create(newJob("job-late", { origin }));
    await assert.rejects(late, failsWith("not_found", /job-old/));
    await assert.rejects(store.jobs.get("job-late"), failsWith("not_found", /job-late/));
  });

  test("a request id is free again when its job is deleted", async (store) => {
    const request = { id: "r-1", hash: "h" };
    await store.jobs.create(newJob("job-1", { request }));
    await store.jobs.trigger("job-1", "cancel_requested");
    await store.jobs.delete("job-1");
    const { job, created } = await store.jobs.create(newJob("job-2", { request }));
    assert.deepEqual([job.id, created], ["job-2", true]);
  });

  testFolder("what was acknowledged is there when the store is opened again", async (open) => {
    let before;
    {
      await using store = await open();
      await jobIn(store, "job-1", "FAILED");
      before = await store.jobs.get("job-1");
      await store.values.set("server", { pid: 17 });
    }
    await using store = await open();
    assert.deepEqual(await store.jobs.get("job-1"), before);
    assert.deepEqual(await store.values.get("server"), { pid: 17 });
    await store.values.set("server", undefined);
    assert.equal(await store.values.get("server"), undefined);
  });

  testFolder("a closed store refuses calls, and may be closed again", async (open) => {
    const store = await open();
    const created = store.jobs.create(newJob("job-1"));
    const closed = store[Symbol.asyncDispose]();
    const late = assert.rejects(store.jobs.get("job-1"), failsWith("unavailable", /close/));
    assert.equal((await created).created, true, "calls under way are finished");
    await closed;
    await late;
    await assert.rejects(store.jobs.get("job-1"), failsWith("unavailable", /closed/));
    await store[Symbol.asyncDispose]();
  });
}
