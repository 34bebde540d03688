import assert from "assert";
import type { Store } from "../../../src/jobs/store.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobIn, losses, newJob } from "../../jobs/small_job.ts";
import type { Bench } from "./bench.ts";

/** How long the leases of these tests last: milliseconds of their clock. */
const leaseMs = 30_000;

export function testLeases({ testFolder }: Bench): void {
  /** A test with the stores of two servers, whose clock stands still until it is set. */
  const testTwo = (
    behaviour: string,
    body: (a: Store, b: Store, clock: { nowMs: number }) => Promise<void>,
  ) =>
    testFolder(behaviour, async (open) => {
      const clock = { nowMs: 1_700_000_000_000 };
      const now = () => clock.nowMs;
      await using a = await open({ owner: "a", now });
      await using b = await open({ owner: "b", now });
      await body(a, b, clock);
    });

  testTwo("slots of the same name are each server's own", async (a, b) => {
    for (const id of ["one", "two", "three"]) await a.jobs.create(newJob(id));
    const [one, two] = [await a.jobs.claim("cpu"), await b.jobs.claim("cpu")];
    assert.deepEqual([one?.id, one?.owner, one?.slot], ["one", "a", "cpu"]);
    assert.deepEqual([two?.id, two?.owner, two?.slot], ["two", "b", "cpu"]);
    await assert.rejects(b.jobs.claim("cpu"), failsWith("failed_precondition", /held by job two/));
    const paused = await b.jobs.trigger("two", "server_stopped");
    assert.deepEqual([paused.owner, paused.slot], [undefined, undefined]);
  });

  testTwo("recover() leaves jobs alone whose server's lease goes on", async (a, b, clock) => {
    await a.leases.renewOwn(leaseMs);
    await jobIn(a, "job", "RUNNING");
    clock.nowMs += leaseMs - 1;
    assert.deepEqual(await b.jobs.recover(), []);
    await a.leases.renewOwn(leaseMs);
    clock.nowMs += leaseMs - 1;
    assert.deepEqual(await b.jobs.recover(), []);
    clock.nowMs += 1;
    const moved = await b.jobs.recover({ own: false });
    assert.deepEqual(moved.map(({ id, state, owner }) => [id, state, owner]), [
      ["job", "QUEUED", undefined],
    ]);
  });

  testTwo("recover() takes what is its own, unless it is told not to", async (a, b) => {
    await a.leases.renewOwn(leaseMs);
    await b.leases.renewOwn(leaseMs);
    await jobIn(a, "of-a", "RUNNING");
    await jobIn(b, "of-b", "RUNNING");
    assert.deepEqual(await a.jobs.recover({ own: false }), []);
    assert.deepEqual((await a.jobs.recover()).map(({ id }) => id), ["of-a"]);
    assert.equal((await a.jobs.get("of-b")).state, "RUNNING");
  });

  testTwo("recover() leaves what is another's where it is told to", async (a, b, clock) => {
    await a.leases.renewOwn(leaseMs);
    await jobIn(a, "of-a", "RUNNING");
    await jobIn(b, "of-b", "RUNNING");
    clock.nowMs += leaseMs;
    const own = await b.jobs.recover({ lapsed: false });
    assert.deepEqual(own.map(({ id }) => id), ["of-b"]);
    assert.equal((await a.jobs.get("of-a")).state, "RUNNING");
  });

  testTwo("a server whose lease was over hears that its job is gone", async (a, b, clock) => {
    await a.leases.renewOwn(leaseMs);
    const { attempt, epoch } = await jobIn(a, "job", "RUNNING");
    await a.jobs.create(newJob("other"));
    assert.deepEqual(await a.leases.renewOwn(leaseMs), [
      { jobId: "job", state: "RUNNING", attempt, epoch },
    ]);
    clock.nowMs += leaseMs;
    await b.jobs.recover({ own: false });
    assert.deepEqual(await a.leases.renewOwn(leaseMs), []);
    const again = await b.jobs.claim("cpu");
    assert.deepEqual([again?.id, again?.attempt], ["job", attempt + 1]);
    assert.deepEqual(await a.leases.renewOwn(leaseMs), []);
  });

  testTwo("nothing counts of what a server says that a job was taken from", async (a, b, clock) => {
    await a.leases.renewOwn(leaseMs);
    const { attempt, epoch } = await jobIn(a, "job", "RUNNING");
    const holder = { attempt, epoch };
    const saved = (path: string) => ({
      kind: "checkpoint" as const,
      payload: { step: 40 },
      checkpoint: { step: 40, epoch: 1, path, sizeBytes: 1, best: false },
    });
    await a.events.append("job", [losses(1)], holder);
    clock.nowMs += leaseMs;
    await b.jobs.recover({ own: false });
    const tooLate = failsWith("failed_precondition", /too late/);
    const checkThatLate = async () => {
      const before = await b.jobs.get("job");
      await assert.rejects(a.events.append("job", [losses(2)], holder), tooLate);
      await assert.rejects(a.events.append("job", [saved("jobs/job/old")], holder), tooLate);
      await assert.rejects(a.events.forgetCheckpoints("job", [40], holder), tooLate);
      for (const trigger of ["succeeded", "worker_lost", "server_stopped"] as const) {
        await assert.rejects(a.jobs.trigger("job", trigger, holder), tooLate);
      }
      assert.deepEqual(await b.jobs.get("job"), before);
    };
    await checkThatLate(); // QUEUED, at the same attempt
    const taken = await b.jobs.claim("cpu");
    assert.ok(taken);
    await checkThatLate();
    await b.events.append("job", [saved("jobs/job/new")], taken);
    await checkThatLate();
    const checkpoints = await a.events.checkpoints("job");
    assert.deepEqual(checkpoints.map(({ step, path }) => [step, path]), [[40, "jobs/job/new"]]);
  });

  testTwo("a lost worker's epoch is over, too", async (a) => {
    const { attempt, epoch } = await jobIn(a, "job", "RUNNING");
    const next = await a.jobs.trigger("job", "worker_lost", { attempt, epoch });
    assert.deepEqual([next.attempt, next.epoch], [attempt + 1, epoch + 1]);
    const wrong = { attempt: next.attempt, epoch };
    const late = failsWith("failed_precondition", /epoch/);
    await assert.rejects(a.events.append("job", [losses(1)], wrong), late);
  });

  testTwo("events that are repeated after a lost answer are there once", async (a) => {
    const { attempt, epoch, lastSequence } = await jobIn(a, "job", "RUNNING");
    const holder = { attempt, epoch };
    const numbered = (...numbers: number[]) =>
      numbers.map((number) => ({ ...losses(number), number }));
    const steps = async () => {
      const events = await a.events.read("job", lastSequence + 1, 1000);
      return events.map(({ sequence, payload }) => [sequence - lastSequence, payload["step"]]);
    };
    assert.equal(await a.events.append("job", numbered(1, 2), holder), lastSequence + 2);
    assert.equal(await a.events.append("job", numbered(1, 2), holder), lastSequence + 2);
    assert.equal(await a.events.append("job", numbered(2, 3, 4), holder), lastSequence + 4);
    assert.equal(await a.events.append("job", [losses(0)], holder), lastSequence + 5);
    assert.deepEqual(await steps(), [[1, 1], [2, 2], [3, 3], [4, 4], [5, 0]]);
    // Another attempt counts anew.
    const next = await a.jobs.trigger("job", "worker_lost", holder);
    await a.events.append("job", numbered(1, 2), next);
    assert.deepEqual((await steps()).slice(-2), [[7, 1], [8, 2]]);
  });

  testTwo("a lease has one holder, until it is over or given back", async (a, b, clock) => {
    assert.equal(await a.leases.hold("sweep/1", leaseMs), 1);
    assert.equal(await b.leases.hold("sweep/1", leaseMs), undefined);
    clock.nowMs += leaseMs - 1;
    assert.equal(await a.leases.hold("sweep/1", leaseMs), 1, "renewed");
    clock.nowMs += leaseMs - 1;
    assert.equal(await b.leases.hold("sweep/1", leaseMs), undefined);
    clock.nowMs += 1;
    assert.equal(await b.leases.hold("sweep/1", leaseMs), 2);
    assert.equal(await a.leases.hold("sweep/1", leaseMs), undefined);
    await a.leases.release("sweep/1"); // not its own
    assert.equal(await a.leases.hold("sweep/1", leaseMs), undefined);
    await b.leases.release("sweep/1");
    assert.equal(await a.leases.hold("sweep/1", leaseMs), 3);
  });

  testTwo("a lease that is over stays its holder's until another takes it", async (a, b, clock) => {
    assert.equal(await a.leases.hold("tidy", leaseMs), 1);
    clock.nowMs += 10 * leaseMs;
    assert.deepEqual(await b.leases.held("tidy"), []);
    assert.equal(await a.leases.hold("tidy", leaseMs), 1);
  });

  testTwo("endAll() gives back what dead servers had, and nothing of others", async (a, b) => {
    await a.leases.renewOwn(leaseMs);
    await a.leases.hold("tidy", leaseMs);
    await b.leases.renewOwn(leaseMs);
    await b.leases.endAll(["a", "nobody"]);
    assert.deepEqual(await b.leases.held(""), [{ name: "server/b", holder: "b" }]);
    assert.equal(await b.leases.hold("tidy", leaseMs), 2);
  });

  testTwo("held() tells of the leases that go on", async (a, b, clock) => {
    await a.leases.renewOwn(leaseMs);
    clock.nowMs += leaseMs / 2;
    await b.leases.renewOwn(leaseMs);
    await b.leases.hold("sweep/1", leaseMs);
    const servers = async () => (await a.leases.held("server/")).map(({ holder }) => holder);
    assert.deepEqual(await servers(), ["a", "b"]);
    clock.nowMs += leaseMs / 2;
    assert.deepEqual(await servers(), ["b"]);
    assert.deepEqual(await a.leases.held("server/%"), []);
  });
}
