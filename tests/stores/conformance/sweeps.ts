import assert from "assert";
import type { NewSweep } from "../../../src/jobs/sweep.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import type { Bench } from "./bench.ts";
import { smallSpec } from "../../sweeps/small_spec.ts";

const sweep = (id: string, request?: NewSweep["request"]): NewSweep => ({
  id,
  displayName: `about ${id}`,
  spec: smallSpec,
  request,
});

export function testSweeps({ test, testFolder }: Bench): void {
  test("a sweep begins RUNNING, and its runs are kept in order", async (store, clock) => {
    const { sweep: made, created } = await store.sweeps.create(sweep("s-1"));
    assert.equal(created, true);
    assert.deepEqual(made, {
      id: "s-1",
      displayName: "about s-1",
      spec: smallSpec,
      state: "RUNNING",
      message: "",
      runs: [],
      createdAtMs: clock.nowMs,
      finishedAtMs: undefined,
    });
    for (const [trial, jobId] of ["job-b", "job-a"].entries()) {
      await store.sweeps.addRun("s-1", { trial, rung: 0, jobId });
      await store.sweeps.addRun("s-1", { trial, rung: 0, jobId }); // as after a lost answer
    }
    const measured = { outcome: "measured", value: 21.5, step: 40 } as const;
    await store.sweeps.endRun("s-1", "job-b", measured);
    const nothing = { outcome: undefined, value: undefined, step: undefined };
    assert.deepEqual((await store.sweeps.get("s-1")).runs, [
      { trial: 0, rung: 0, jobId: "job-b", ...measured },
      { trial: 1, rung: 0, jobId: "job-a", ...nothing },
    ]);
  });

  test("a sweep that is over stays as it is", async (store, clock) => {
    await store.sweeps.create(sweep("s-1"));
    await assert.rejects(store.sweeps.delete("s-1"), failsWith("failed_precondition", /RUNNING/));
    clock.nowMs += 5000;
    const ended = await store.sweeps.end("s-1", "FAILED", "No photo.");
    assert.deepEqual([ended.state, ended.message, ended.finishedAtMs], [
      "FAILED",
      "No photo.",
      clock.nowMs,
    ]);
    assert.deepEqual(await store.sweeps.end("s-1", "FAILED", "again"), ended);
    const refusal = failsWith("failed_precondition", /s-1 is FAILED/);
    await assert.rejects(store.sweeps.end("s-1", "SUCCEEDED"), refusal);
    await assert.rejects(store.sweeps.addRun("s-1", { trial: 0, rung: 0, jobId: "j" }), refusal);
    await store.sweeps.delete("s-1");
    await assert.rejects(store.sweeps.get("s-1"), failsWith("not_found", /s-1/));
  });

  test("a repeated request gives the same sweep, another request is refused", async (store) => {
    const request = { id: "r", hash: "h" };
    await store.sweeps.create(sweep("s-1", request));
    const again = await store.sweeps.create(sweep("s-2", request));
    assert.deepEqual([again.sweep.id, again.created], ["s-1", false]);
    await assert.rejects(
      store.sweeps.create(sweep("s-3", { id: "r", hash: "other" })),
      failsWith("already_exists", /became sweep s-1/),
    );
  });

  test("list() gives the newest sweeps first, in pages", async (store) => {
    for (const id of ["s-1", "s-2", "s-3"]) await store.sweeps.create(sweep(id));
    const first = await store.sweeps.list({ pageSize: 2 });
    assert.deepEqual(first.sweeps.map(({ id }) => id), ["s-3", "s-2"]);
    const second = await store.sweeps.list({ pageSize: 2, pageToken: first.nextPageToken });
    assert.deepEqual(second.sweeps.map(({ id }) => id), ["s-1"]);
    assert.equal(second.nextPageToken, "");
  });

  test("unfinished() gives the sweeps that go on, or whose runs' ends are not recorded", async (store) => {
    for (const id of ["s-1", "s-2", "s-3", "s-4"]) await store.sweeps.create(sweep(id));
    for (const id of ["s-1", "s-3", "s-4"]) {
      await store.sweeps.addRun(id, { trial: 0, rung: 0, jobId: "job-a" });
      await store.sweeps.end(id, "CANCELLED");
    }
    const cancelled = { outcome: "cancelled", value: undefined, step: undefined } as const;
    await store.sweeps.endRun("s-3", "job-a", cancelled);
    const found = await store.sweeps.unfinished();
    assert.deepEqual(found, [
      await store.sweeps.get("s-4"),
      await store.sweeps.get("s-2"),
      await store.sweeps.get("s-1"),
    ]);
    await store.sweeps.endRun("s-4", "job-a", cancelled);
    await store.sweeps.end("s-2", "SUCCEEDED");
    assert.deepEqual((await store.sweeps.unfinished()).map(({ id }) => id), ["s-1"]);
  });

  testFolder("sweeps are there after the store was closed", async (open) => {
    {
      await using store = await open();
      await store.sweeps.create(sweep("s-1"));
      await store.sweeps.addRun("s-1", { trial: 3, rung: 1, jobId: "job-a" });
    }
    await using store = await open();
    const { state, runs } = await store.sweeps.get("s-1");
    assert.deepEqual([state, runs.map(({ trial, rung }) => [trial, rung])], ["RUNNING", [[3, 1]]]);
  });
}
