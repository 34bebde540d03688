/**
 * Does to a server what so many open pages of a job do, without drawing anything: each follows the
 * job's events over a connection of its own, and asks for the job and its checkpoints as often as the
 * page does. Prints "open" once all have their first event. At SIGTERM it prints the fewest messages
 * that one of them got, and ends.
 *
 *     deno run -A bench/service/open_pages.ts http://HOST:PORT JOB COUNT
 */
import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { getPriority, setPriority } from "node:os";
import process from "node:process";

/** How often a page asks for what it does not follow, in ms. */
const asked = [
  { method: "TrainingJobService/GetTrainingJob", everyMs: 15_000 },
  { method: "TrainingJobService/ListCheckpoints", everyMs: 30_000 },
] as const;

const kinds = ["STATE", "LOSSES", "VALIDATION", "SAMPLE", "CHECKPOINT", "LOG", "HEARTBEAT"]
  .map((kind) => `EVENT_KIND_${kind}`);

const [base = "", jobId = "", count = "1"] = process.argv.slice(2);
const got: number[] = new Array(Number(count)).fill(0);

function post(method: string, body: string) {
  const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
  return fetch(`${base}/tinct.v1.${method}`, { method: "POST", headers, body });
}

/**
 * Counts the messages of a stream by their heads: five bytes, the last four their length. By node:http,
 * since `fetch` takes as much of the processor as the server does.
 */
async function follow(index: number, onFirst: () => void): Promise<void> {
  const wish = { jobId, fromSequence: 1, kinds, maxLossPoints: 500, omitImages: true };
  const body = Buffer.from(JSON.stringify(wish));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  const asking = httpRequest(`${base}/tinct.v1.ColorizationService/StreamMetrics`, {
    method: "POST",
    headers: { "content-type": "application/connect+json", "connect-protocol-version": "1" },
    agent: false,
  });
  asking.end(Buffer.concat([head, body]));
  const [answer] = await once(asking, "response") as [IncomingMessage];
  let [headBytes, left] = [0, 0];
  answer.on("data", (part: Buffer) => {
    for (let at = 0; at < part.length;) {
      if (left > 0) {
        const skipped = Math.min(left, part.length - at);
        at += skipped;
        left -= skipped;
        if (left > 0) continue;
      } else {
        head[headBytes++] = part[at++] ?? 0;
        if (headBytes < 5) continue;
        headBytes = 0;
        left = head.readUInt32BE(1);
        if (left > 0) continue;
      }
      const before = got[index] ?? 0;
      got[index] = before + 1;
      if (before === 0) onFirst();
    }
  });
  await once(answer, "close");
  throw new Error(`The server ended stream ${index}, with status ${answer.statusCode}.`);
}

// The pages stand for browsers on other machines: here they give way to the server and the training.
setPriority(Math.min(19, getPriority() + 10));
process.on("SIGTERM", () => {
  console.log(`least ${Math.min(...got)}`);
  process.exit(0);
});
let opened = 0;
for (let index = 0; index < got.length; index++) {
  void follow(index, () => {
    if (++opened === got.length) console.log("open");
  });
  for (const { method, everyMs } of asked) {
    const ask = async () => {
      const answer = await post(method, JSON.stringify({ jobId }))
        // The server ends a connection that nothing came over for 5 s; browsers then take another.
        .catch(() => post(method, JSON.stringify({ jobId })));
      await answer.arrayBuffer();
    };
    // Pages were opened at different times, so they do not ask all at once.
    setTimeout(() => setInterval(() => void ask(), everyMs), everyMs * index / got.length);
  }
}
