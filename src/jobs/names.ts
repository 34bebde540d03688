import { randomBytes } from "node:crypto";
import { TinctError } from "../errors.ts";

/** What the names of models and datasets, and the ids of jobs, look like. */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/;

/**
 * What is wrong with a name, to be read on after what it names; undefined where it is one. A name may
 * become a file name: letters, digits, `.`, `_` and `-`, at most 64 of them, beginning with a letter or
 * digit and not ending in a dot.
 */
export function nameMisfit(name: string): string | undefined {
  if (namePattern.test(name)) return undefined;
  return "must be a name of 1 to 64 letters, digits, '.', '_' or '-' that begins with a letter or " +
    `digit and does not end in a dot, not ${JSON.stringify(name.slice(0, 80))}`;
}

/**
 * Refuses what is no name; see `nameMisfit`.
 *
 * @param what what is named, such as "model"; it opens the sentence of the refusal.
 * @param field of the request; `what` by default.
 * @throws {TinctError} invalid_argument.
 */
export function requireName(what: string, name: string, field = what): void {
  const description = nameMisfit(name);
  if (description === undefined) return;
  throw new TinctError("invalid_argument", `The name of a ${what} ${description}.`, {
    violations: [{ field, description }],
  });
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
