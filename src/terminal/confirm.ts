import process from "node:process";
import { createInterface } from "node:readline/promises";
import { boolean } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import { shown } from "../shown.ts";

/** The option of commands that delete. */
export const yesOption = { yes: boolean(false, "delete without asking, for scripts") };

/**
 * Asks a person at the terminal whether to go on.
 *
 * @param question without a question mark, such as "Delete the model roses".
 * @returns whether the answer was yes.
 * @throws {TinctError} invalid_argument where there is no terminal to ask at; the signal's reason.
 */
export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new TinctError(
      "invalid_argument",
      "There is no terminal to ask on; give --yes to delete without asking.",
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C reaches the program through `lines` while it reads.
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const answer = await lines.question(`${shown(question)}? [y/N] `, {
      signal,
    });
    if (/^\s*y(?:es)?\s*$/i.test(answer)) return true;
    console.error("Nothing was deleted.");
    return false;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
