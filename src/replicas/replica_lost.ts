import { TinctError } from "../errors.ts";

/** The exit code of a process that lost a replica: it can be resumed with those that are left. */
export const REPLICA_LOST = 75; // EX_TEMPFAIL of sysexits.h

/** A replica is gone without a word: the others cannot go on, but the run can, without it. */
export class ReplicaLost extends TinctError {
  /** @param message one sentence: which one, and what to do. */
  constructor(message: string) {
    super("unavailable", message);
  }
}
