/**
 * The thread that owns the database: SQLite blocks its caller for as long as the disk
 * takes, and the server's event loop must not wait for a disk on which checkpoints are written.
 */
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Database } from "./database.ts";
import { performCalls } from "./perform_calls.ts";
import { RowRemoval } from "./row_removal.ts";
import { packError } from "./sent_error.ts";
import type { StoreCall, ThreadReply, ThreadRequest, ThreadStart } from "./thread_messages.ts";

// The thread's starter gives it this and nothing else.
const start: ThreadStart = workerData;

openAndServe(start);

function openAndServe({ path, busyTimeoutMs, port }: ThreadStart): void {
  try {
    serve(Database.open(path, { busyTimeoutMs }), port);
    reply(port, { type: "opened" });
  } catch (error) {
    reply(port, { type: "refused", error: packError(error) });
  }
}

function serve(database: Database, port: MessagePort): void {
  const removal = new RowRemoval(database);
  removal.start();
  port.on("message", (first: ThreadRequest) => {
    const calls: StoreCall[] = [];
    // While the disk was busy more calls came; all that are here are performed together.
    for (let request: ThreadRequest | undefined = first; request; request = next(port)) {
      if (request === "close") {
        if (calls.length > 0) answer(database, port, calls);
        removal.stop();
        database[Symbol.dispose]();
        return reply(port, { type: "closed" });
      }
      calls.push(request);
    }
    answer(database, port, calls);
    if (calls.some(({ part, method }) => `${part}.${method}` === "jobs.delete")) removal.start();
  });
}

function next(port: MessagePort): ThreadRequest | undefined {
  const received: { message: ThreadRequest } | undefined = receiveMessageOnPort(port);
  return received?.message;
}

function answer(database: Database, port: MessagePort, calls: readonly StoreCall[]): void {
  reply(port, { type: "answers", ...performCalls(database, calls) });
}

function reply(port: MessagePort, message: ThreadReply): void {
  port.postMessage(message);
}
