import process from "node:process";
import { createInterface } from "node:readline";

/** What a worker is told by whoever starts it: one line of JSON on stdin. */
export interface StartLine {
  /** Where to dial. */
  readonly socketPath: string;
  /** Proves once that this process is the one that was started. */
  readonly token: string;
  /** `libtensorflow_cc.so.2`; absent where the worker does not compute. */
  readonly libraryPath?: string | undefined;
}

/**
 * Reads the line. From then on the process ends at once when stdin does, which is when its server is
 * gone, however it went.
 *
 * @throws {SyntaxError} for another line: the process was started by hand.
 */
export async function readStartLine(): Promise<StartLine> {
  // The server decides when a worker ends, also when the terminal or the system's own supervisor
  // signals to the whole group.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const lines = createInterface({ input: process.stdin });
  const line = await new Promise<string>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => process.exit(1));
  });
  const start: unknown = JSON.parse(line);
  if (isStartLine(start)) return start;
  throw new SyntaxError("A worker is started by its server; it is no command of its own.");
}

function isStartLine(value: unknown): value is StartLine {
  return typeof value === "object" && value !== null && "socketPath" in value && "token" in value &&
    typeof value.socketPath === "string" && typeof value.token === "string";
}
