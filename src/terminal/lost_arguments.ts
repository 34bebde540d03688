import { readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { TinctError } from "../errors.ts";
import { countedWith } from "../words.ts";

/** The most names that the message has. */
const MOST_NAMES = 3;

/**
 * Refuses a call that has lost arguments: `deno task` leaves out those that are not valid UTF-8, without
 * a word, and the name of a photo may be one. Only Linux tells what `deno task` was given.
 *
 * @param parent the command line of the process that started this one, as `/proc` has it.
 * @throws {TinctError} invalid_argument that names some of them.
 */
export function refuseLostArguments(parent: Buffer = readParent()): void {
  const words = wordsOf(parent);
  const [program = "", ...others] = words.map(String);
  if (basename(program) !== "deno" || !others.includes("task")) return;
  const lost = words.filter((word) => !Buffer.from(String(word)).equals(word)).map(String);
  if (lost.length === 0) return;
  const named = lost.slice(0, MOST_NAMES).join(", ") + (lost.length > MOST_NAMES ? ", …" : "");
  throw new TinctError(
    "invalid_argument",
    `${countedWith(lost.length, "argument", ["is", "are"])} not valid UTF-8 and did not arrive ` +
      `(${named}): rename such files, for instance with convmv -f latin1 -t utf8, or give their folder.`,
  );
}

/** Splits at the zeros that end each word. */
function wordsOf(commandLine: Buffer): Buffer[] {
  const words: Buffer[] = [];
  for (let from = 0; from < commandLine.length;) {
    const end = commandLine.indexOf(0, from);
    const to = end < 0 ? commandLine.length : end;
    words.push(commandLine.subarray(from, to));
    from = to + 1;
  }
  return words;
}

function readParent(): Buffer {
  try {
    return readFileSync(`/proc/${process.ppid}/cmdline`);
  } catch {
    return Buffer.alloc(0); // another system than Linux, or it is gone
  }
}
