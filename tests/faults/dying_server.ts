/**
 * Run by server_kill_test.ts with the import map of `dying_map.ts`: a server that is asked for things
 * in turn and dies at a point. Arguments: the data folder, the names of the requests. Prints the name
 * of each request that was answered, at once, and how many points were passed by then.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { serveFolder } from "./data_folder.ts";
import { type RequestName, requests } from "./durable_requests.ts";
import { arm, passedPoints } from "./durable_points.ts";

const [folder = "", ...names] = process.argv.slice(2);
await using served = await serveFolder(folder);
arm();
for (const name of names as RequestName[]) {
  await requests[name](served);
  writeSync(1, `${name} ${passedPoints()}\n`);
}
process.exit(0);
