/**
 * Run by two_processes_test.ts: appends events to a job, each told who appended it, as soon as a
 * line comes in on its standard input. Arguments: the database, the job, who, how many.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";

const [path = "", jobId = "", who = "", count = ""] = process.argv.slice(2);
await using store = await openSqliteStore(path);
console.log("ready");
for await (const _line of createInterface({ input: process.stdin })) break;
for (let index = 0; index < Number(count); index++) {
  await store.events.append(jobId, [{ kind: "log", payload: { who, index } }]);
}
