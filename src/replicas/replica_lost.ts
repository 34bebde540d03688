import { TinctError } from "../errors.ts";

/** A replica is gone without a word: the others cannot go on, but the run can, without it. */
export class ReplicaLost extends TinctError {
  /** @param message one sentence: which one, and what to do. */
  constructor(message: string) {
    super("unavailable", message);
  }
}
