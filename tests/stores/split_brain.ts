import assert from "assert";
import { EventFeed } from "../../src/jobs/event_feed.ts";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import type { Store } from "../../src/jobs/store.ts";
import { inTime } from "../in_time.ts";
import { losses } from "../jobs/small_job.ts";
import { openAnyStore } from "./open_any_store.ts";
import { ChildProgram } from "./sqlite/child_program.ts";

/** How long the lease lasts that the stopped server lets run out, in milliseconds. */
const leaseMs = 1000;

/**
 * The owner of a job is stopped past its lease, another server begins another attempt, and the old one
 * wakes. Nothing of it may become visible, no checkpoint may be overwritten, and watchers see one
 * sequence without a gap.
 */
export async function checkSplitBrain(kind: string, place: string): Promise<void> {
  await using store = await openAnyStore(kind, place, { owner: "new" });
  await store.leases.renewOwn(60_000);
  await using old = new ChildProgram("../stopped_owner.ts", kind, place, String(leaseMs));
  assert.deepEqual(JSON.parse(await inTime(old.said(), "the old server stops itself")), {
    stopped: true,
  });
  using feed = new EventFeed(store);
  const watched = watch(feed);
  watched.catch(() => {}); // where something else fails before

  const taken = await inTime(takeOver(store), "the old server's lease is over");
  assert.equal(taken.attempt, 2);
  const holder = { attempt: taken.attempt, epoch: taken.epoch };
  const path = "jobs/job/new-30";
  const checkpoint = { step: 30, epoch: 1, path, sizeBytes: 1, best: false };
  await store.events.append("job", [
    { ...losses(25), number: 1 },
    { kind: "checkpoint", payload: { step: 30 }, checkpoint, number: 2 },
  ], holder);

  old.signal("SIGCONT");
  const late = "failed_precondition";
  assert.deepEqual(JSON.parse(await inTime(old.said(), "the old server has its say")), {
    losses: late,
    repeated: late,
    checkpoint: late,
    forget: late,
    succeeded: late,
    lost: late,
    held: 0,
  });
  assert.equal(await old.ended(), 0);

  await store.events.append("job", [{ ...losses(31), number: 3 }], holder);
  await store.jobs.trigger("job", "succeeded", holder);
  const events = await inTime(watched, "the watcher has seen the job's end");
  assert.deepEqual(events.map(({ sequence }) => sequence), events.map((_, index) => index + 1));
  assert.deepEqual(events, await store.events.read("job", 1, 10_000));
  const told = events.map(({ kind, attempt, payload }) => {
    const what = kind === "state" ? payload["trigger"] : payload["step"];
    return `${attempt} ${kind} ${what}`;
  });
  assert.deepEqual(told, [
    "0 state submitted",
    "1 state started",
    ...Array.from({ length: 20 }, (_, index) => {
      return `1 ${index % 10 === 9 ? "checkpoint" : "losses"} ${index + 1}`;
    }),
    "1 state server_stopped",
    "2 state started",
    "2 losses 25",
    "2 checkpoint 30",
    "2 losses 31",
    "2 state succeeded",
  ]);
  const checkpoints = await store.events.checkpoints("job");
  assert.deepEqual(checkpoints.map(({ path }) => path), [
    "jobs/job/old-10",
    "jobs/job/old-20",
    "jobs/job/new-30",
  ]);
}

/** Takes over the old server's job as soon as that is allowed. */
async function takeOver(store: Store) {
  while ((await store.jobs.recover({ own: false })).length === 0);
  const job = await store.jobs.claim("cpu");
  assert.ok(job);
  return job;
}

/** All events of the job until it is over. */
async function watch(feed: EventFeed): Promise<readonly JobEvent[]> {
  const seen: JobEvent[] = [];
  for await (const { events } of feed.watch("job", 1)) seen.push(...events);
  return seen;
}
