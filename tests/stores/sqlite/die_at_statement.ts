/**
 * Run by store_crash_test.ts: makes one change of a store and kills itself before one of its
 * statements. Arguments: the database, the change, which statement (from 1; 0: none of them). Prints
 * the statements that the change took. A change fails when it has been made before.
 */
import process from "node:process";
import { Database } from "../../../src/stores/sqlite/database.ts";
import { performCalls } from "../../../src/stores/sqlite/perform_calls.ts";
import type { StoreCall } from "../../../src/stores/sqlite/thread_messages.ts";
import { losses, newJob } from "../../jobs/small_job.ts";

const [path = "", change = "", dyingStatement = ""] = process.argv.slice(2);
const statements: string[] = [];
using database = Database.open(path, {
  failpoint: (statement) => {
    if (statements.push(statement) === Number(dyingStatement)) process.kill(process.pid, "SIGKILL");
  },
});

/** Performs one call alone; throws what it answers with. */
function perform(part: StoreCall["part"], method: string, ...args: unknown[]): unknown {
  const call = { id: 1, part, method, args, owner: "local", nowMs: 1 };
  const { answers: [answer] } = performCalls(database, [call]);
  if (!answer || answer.error) throw new Error(answer?.error?.message);
  return answer.value;
}

const checkpoint = { step: 8, epoch: 1, path: "jobs/job/8", sizeBytes: 1, best: true };
const model = { name: "m", jobId: "job", step: 8, path: "models/m", sizeBytes: 1, details: {} };

const changes: Record<string, () => unknown> = {
  prepare() {
    perform("jobs", "create", newJob("over"));
    perform("jobs", "trigger", "over", "cancel_requested");
  },
  create: () => perform("jobs", "create", newJob("job", { request: { id: "r", hash: "h" } })),
  claim: () => perform("jobs", "claim", "cpu") ?? fail("nothing to claim"),
  append() {
    const event = { kind: "checkpoint", payload: {}, checkpoint };
    const last = perform("events", "append", "job", [losses(1), event]);
    if (last !== 4) fail(`events were there before: ${last}`);
  },
  trigger: () => perform("jobs", "trigger", "job", "succeeded"),
  promote() {
    const promoted = perform("models", "promote", model);
    if (!JSON.stringify(promoted).includes('"created":true')) fail("promoted before");
  },
  delete: () => perform("jobs", "delete", "over"),
};

function fail(message: string): never {
  throw new Error(message);
}

changes[change]?.();
console.log(JSON.stringify(statements));
