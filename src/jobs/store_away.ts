import { TinctError } from "../errors.ts";

/** The kind of a store's error where it cannot be reached: nothing is wrong with what was asked. */
export const STORE_AWAY = "STORE_AWAY";

/** Whether the store could not be reached, so that the same may come to something later. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof TinctError && error.kind === STORE_AWAY;
}

/** The kind of the refusal of one who has a job no longer. */
export const LEASE_LOST = "LEASE_LOST";

/** Whether somebody else has, or has ended, what this is about. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof TinctError && error.kind === LEASE_LOST;
}
