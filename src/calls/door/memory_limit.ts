import { TinctError } from "../../errors.ts";
import type { ServiceSettings } from "../../config/service.ts";
import { totalMemoryBytes } from "../../machine/memory.ts";

const MIB = 2 ** 20;

/** What the program, its connections and V8's young heap take beside what clients bring, measured. */
export const PROGRAM_MIB = 256;

/** By default the server takes this part of the memory that there is, within these bounds. */
const DEFAULT_PART = 1 / 8;
const LEAST_MIB = 384;
/** More would hold no more than what waits for the processes that colorize. */
const MOST_MIB = 416;

/** The memory of the server's own process by default, in MiB. */
export function defaultMemoryMib(bytes = totalMemoryBytes()): number {
  return Math.round(Math.min(MOST_MIB, Math.max(LEAST_MIB, bytes / MIB * DEFAULT_PART)));
}

/**
 * The bytes that clients may make the server hold.
 *
 * @throws {TinctError} invalid_argument where a single message would not fit.
 */
export function budgetBytes(
  { maxMemoryMib, maxReceiveMib }: Pick<ServiceSettings, "maxMemoryMib" | "maxReceiveMib">,
): number {
  const memoryMib = maxMemoryMib === 0 ? defaultMemoryMib() : maxMemoryMib;
  const budgetMib = memoryMib - PROGRAM_MIB;
  if (budgetMib >= 4 * maxReceiveMib) return budgetMib * MIB;
  const neededMib = PROGRAM_MIB + 4 * maxReceiveMib;
  if (maxMemoryMib === 0) return (neededMib - PROGRAM_MIB) * MIB;
  const description = `must be ${neededMib} or more with messages of ${maxReceiveMib} MiB, not ` +
    `${maxMemoryMib}: ${PROGRAM_MIB} for the program and four times the largest message`;
  throw new TinctError("invalid_argument", `--max-memory-mib ${description}.`, {
    violations: [{ field: "maxMemoryMib", description }],
  });
}
