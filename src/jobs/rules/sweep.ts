import { TinctError } from "../../errors.ts";
import type { NewSweep, Sweep, SweepState } from "../sweep.ts";
import { type Requested, requestedBefore } from "./request.ts";

/**
 * Begins a sweep.
 *
 * @param facts `requested`: what the request's id made before; `idTaken`: whether a sweep has the id.
 * @returns the sweep that the request made before; undefined: a new one is to be made.
 * @throws {TinctError} as `SweepStore.create`.
 */
export function createSweep(
  { requested, idTaken }: {
    readonly requested: Requested<Sweep> | undefined;
    readonly idTaken: boolean;
  },
  { id, request }: NewSweep,
): Sweep | undefined {
  const known = requestedBefore("sweep", request, requested);
  if (!known && idTaken) {
    throw new TinctError("already_exists", `Sweep ${id} exists already; choose another id.`);
  }
  return known;
}

/** Refuses one run more of a sweep that is over. @throws {TinctError} failed_precondition. */
export function requireRunning({ id, state }: SweepFacts): void {
  if (state !== "RUNNING") throw over(id, state, "starts no more runs");
}

/**
 * Ends a sweep.
 *
 * @returns whether that changes anything.
 * @throws {TinctError} failed_precondition: it has ended otherwise.
 */
export function endSweep({ id, state }: SweepFacts, wanted: SweepState): boolean {
  if (state === wanted) return false;
  if (state !== "RUNNING") throw over(id, state, `cannot become ${wanted}`);
  return true;
}

/** Deletes a sweep. @throws {TinctError} failed_precondition: it is RUNNING. */
export function deleteSweep({ id, state }: SweepFacts): void {
  if (state !== "RUNNING") return;
  throw new TinctError(
    "failed_precondition",
    `Sweep ${id} is RUNNING and cannot be deleted; cancel it first.`,
  );
}

/** What bears on what becomes of a sweep. */
export type SweepFacts = Pick<Sweep, "id" | "state">;

function over(id: string, state: SweepState, what: string): TinctError {
  return new TinctError("failed_precondition", `Sweep ${id} is ${state} and ${what}.`);
}
