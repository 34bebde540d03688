import process from "node:process";
import { createInterface } from "node:readline";
import { surviveFileSizeLimit } from "../files/file_size_signal.ts";
import { isWorkerStart, type WorkerStart } from "../protocol/worker_start.ts";

/**
 * Reads the line. From then on the process ends at once when stdin does, which is when its server is
 * gone, however it went.
 *
 * @throws {SyntaxError} for another line: the process was started by hand.
 */
export async function readStartLine(): Promise<WorkerStart> {
  surviveFileSizeLimit();
  // The server decides when a worker ends, also when the terminal or the system's own supervisor
  // signals to the whole group.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const lines = createInterface({ input: process.stdin });
  const line = await new Promise<string>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => process.exit(1));
  });
  const start: unknown = JSON.parse(line);
  if (isWorkerStart(start)) return start;
  throw new SyntaxError("A worker is started by its server; it is not a command.");
}
