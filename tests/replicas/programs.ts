import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freeLoopbackAddresses } from "../../src/replicas/addresses.ts";

/** What a program of a replica printed: one JSON value a line. */
interface ReplicaOutput {
  readonly values: readonly unknown[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A running program of a replica. */
interface ReplicaProgram {
  readonly child: ChildProcess;
  readonly output: Promise<ReplicaOutput>;
}

/**
 * Starts a program of the tests once a replica, with the arguments RANK, ADDRESSES and `args`.
 *
 * @param program its URL.
 * @param onValue is told of each JSON value that one prints.
 */
export async function startReplicas(
  program: URL,
  count: number,
  args: readonly string[] = [],
  onValue: (rank: number, value: unknown) => void = () => {},
): Promise<ReplicaProgram[]> {
  const addresses = (await freeLoopbackAddresses(count)).join();
  return Array.from({ length: count }, (_, rank) => {
    const words = ["run", "-A", "--no-check", fileURLToPath(program), String(rank), addresses];
    const child = spawn(Deno.execPath(), [...words, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, output: outputOf(child, (value) => onValue(rank, value)) };
  });
}

/** As `startReplicas`, and waits until all have ended. */
export async function runReplicas(
  program: URL,
  count: number,
  args: readonly string[] = [],
): Promise<ReplicaOutput[]> {
  return await Promise.all((await startReplicas(program, count, args)).map(({ output }) => output));
}

async function outputOf(
  child: ChildProcess,
  onValue: (value: unknown) => void,
): Promise<ReplicaOutput> {
  const values: unknown[] = [];
  let stderr = "";
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const value: unknown = JSON.parse(line);
      values.push(value);
      onValue(value);
    });
  }
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const [code, signal] = await once(child, "close") as [number | null, NodeJS.Signals | null];
  return { values, code, signal, stderr };
}
