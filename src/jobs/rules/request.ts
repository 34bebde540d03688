import { TinctError } from "../../errors.ts";
import type { ClientRequest } from "../job.ts";

/** What a request's id made before, and the hash of the request that it came with. */
export interface Requested<Made> {
  readonly made: Made;
  readonly hash: string;
}

/**
 * What a repeated request made when it came first; undefined for one that is new.
 *
 * @param what it makes, such as "job".
 * @throws {TinctError} already_exists: its id came before with another request.
 */
export function requestedBefore<Made extends { readonly id: string }>(
  what: string,
  request: ClientRequest | undefined,
  before: Requested<Made> | undefined,
): Made | undefined {
  if (!request || !before) return undefined;
  if (before.hash === request.hash) return before.made;
  throw new TinctError(
    "already_exists",
    `The request id ${JSON.stringify(request.id)} was used for another request, which became ` +
      `${what} ${before.made.id}; send a new request with a new id.`,
  );
}
