import { type ErrorCode, TinctError } from "../errors.ts";

/** The kind of a store's error where it cannot be reached: nothing is wrong with what was asked. */
export const STORE_AWAY = "STORE_AWAY";

/** Whether the store could not be reached, so that the same may come to something later. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof TinctError && error.kind === STORE_AWAY;
}

/** The kind of a store's other errors that name the database: words for the log, not for clients. */
export const STORE_TROUBLE = "STORE_TROUBLE";

const clientsWords: Readonly<Partial<Record<ErrorCode, string>>> = {
  unavailable: "The server's database is busy; try again.",
  resource_exhausted:
    "The server's database has no room left, so nothing was written; its operator must free some.",
  data_loss: "The server's database is damaged; the server's log says more.",
};

/** An error in words for clients: one of the store's without the place of its database. */
export function withoutStore(error: TinctError): TinctError {
  if (isStoreAway(error)) {
    const message = "The server's database does not answer now; try again in a while.";
    return new TinctError("unavailable", message, { cause: error, kind: STORE_AWAY });
  }
  if (error.kind !== STORE_TROUBLE) return error;
  // Whatever else it is, such as a wrong password, is no fault of the client's.
  const told = clientsWords[error.code];
  return new TinctError(
    told === undefined ? "internal" : error.code,
    told ?? "The server cannot use its database; the server's log says why.",
    { cause: error },
  );
}

/** The kind of the refusal of one who has a job no longer. */
export const LEASE_LOST = "LEASE_LOST";

/** Whether somebody else has, or has ended, what this is about. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof TinctError && error.kind === LEASE_LOST;
}
