/** Answers HTTP and prints its address; started where few files may be open. */
import process from "node:process";
import { openLog } from "../../src/log/log.ts";
import { openHttpListener } from "../../src/operating/http_listener.ts";

const log = openLog({ write: (line) => console.error(line) });
const listener = await openHttpListener("127.0.0.1:0", {
  purpose: { name: "tests", usualPort: 8081 },
  log,
  limits: { maxConnections: 1000, requestMs: 600_000 },
  answer: (_request, response) => {
    response.end("here");
    return Promise.resolve();
  },
});
// As in the server; Deno 2.9.3 ends where it listens to the first signal without a descriptor left.
process.once("SIGTERM", () => process.exit());
console.log(listener.address);
