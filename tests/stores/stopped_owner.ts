/**
 * Run by split_brain_test.ts: a server that holds a job and stops itself in the midst, as by SIGSTOP
 * from outside. When it goes on it has its say again, and prints what came of it. Arguments: the kind
 * of store, its place, the length of its lease in milliseconds.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { TinctError } from "../../src/errors.ts";
import type { NewEvent } from "../../src/jobs/job_event.ts";
import { losses, newJob } from "../jobs/small_job.ts";
import { openAnyStore } from "./open_any_store.ts";

const [kind = "", place = "", leaseMs = ""] = process.argv.slice(2);
await using store = await openAnyStore(kind, place, { owner: "old" });

function say(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

function saved(step: number): NewEvent {
  const checkpoint = { step, epoch: 1, path: `jobs/job/old-${step}`, sizeBytes: 1, best: false };
  return { kind: "checkpoint", payload: { step, by: "old" }, checkpoint };
}

await store.leases.renewOwn(Number(leaseMs));
await store.jobs.create(newJob("job"));
const job = await store.jobs.claim("cpu");
if (!job) throw new Error("nothing to claim");
const holder = { attempt: job.attempt, epoch: job.epoch };
for (let number = 1; number <= 20; number++) {
  const event = number % 10 === 0 ? saved(number) : losses(number);
  await store.events.append("job", [{ ...event, number }], holder);
}
say({ stopped: true });
process.kill(process.pid, "SIGSTOP");

/** What becomes of what it says now. */
async function outcome(what: Promise<unknown>): Promise<string> {
  try {
    await what;
    return "done";
  } catch (error) {
    return error instanceof TinctError ? error.code : `${error}`;
  }
}

say({
  losses: await outcome(store.events.append("job", [{ ...losses(21), number: 21 }], holder)),
  repeated: await outcome(store.events.append("job", [{ ...saved(20), number: 20 }], holder)),
  checkpoint: await outcome(store.events.append("job", [{ ...saved(30), number: 30 }], holder)),
  forget: await outcome(store.events.forgetCheckpoints("job", [30], holder)),
  succeeded: await outcome(store.jobs.trigger("job", "succeeded", holder)),
  lost: await outcome(store.jobs.trigger("job", "worker_lost", holder)),
  held: (await store.leases.renewOwn(Number(leaseMs))).length,
});
