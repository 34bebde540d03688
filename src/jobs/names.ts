import { randomBytes } from "node:crypto";
import { TinctError } from "../errors.ts";

/** What the names of models and datasets, and the ids of jobs, look like. */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/;

/**
 * Refuses what is no name. A name may become a file name: letters, digits, `.`, `_` and `-`, at
 * most 64 of them, beginning with a letter or digit and not ending in a dot.
 *
 * @param what what is named, such as "model"; it opens the sentence of the refusal.
 * @throws {TinctError} invalid_argument.
 */
export function requireName(what: string, name: string): void {
  if (namePattern.test(name)) return;
  throw new TinctError(
    "invalid_argument",
    `${JSON.stringify(name.slice(0, 80))} is no name for a ${what}: use 1 to 64 letters, digits, ` +
      "'.', '_' or '-', beginning with a letter or digit and not ending in a dot.",
  );
}

/** A fresh id for a job, such as `job-5c0gq2v6x1y8b3ma`: 80 random bits, fit for a file name. */
export function newJobId(): string {
  return newId("job");
}

/** A fresh id for a sweep, as `newJobId`. */
export function newSweepId(): string {
  return newId("sweep");
}

function newId(kind: string): string {
  const digits = "0123456789abcdefghjkmnpqrstvwxyz"; // 32 of them, none taken for another
  return `${kind}-${Array.from(randomBytes(16), (byte) => digits[byte % 32]).join("")}`;
}
