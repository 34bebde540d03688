import { readFileSync } from "node:fs";

/** Signals whose being ignored is looked at, by their numbers on Linux. */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** A signal that may have been ignored from the start. */
type IgnorableSignal = keyof typeof numbers;

/**
 * Whether the program that started this one had it ignore a signal, as nohup does with SIGHUP.
 * Deno installs handlers of its own later, so ask at the start. Where the system does not tell (it is
 * not Linux), the answer is no.
 *
 * @param status what `/proc/self/status` says.
 */
export function isIgnored(signal: IgnorableSignal, status: string = readStatus()): boolean {
  const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return (BigInt(`0x${mask}`) >> BigInt(numbers[signal] - 1) & 1n) === 1n;
}

function readStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return ""; // another system than Linux
  }
}
