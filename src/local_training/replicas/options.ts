import process from "node:process";
import { boolean, integer, number } from "../../config/option.ts";
import { TinctError } from "../../errors.ts";
import {
  MAX_REPLICAS,
  parseReplicaAddresses,
  type ReplicaAddresses,
} from "../../replicas/addresses.ts";
import type { ReplicaOptions } from "../../replicas/leader.ts";
import { version } from "../../version.ts";
import { text } from "../../terminal/arguments.ts";
import { INTERRUPTED } from "../../terminal/interrupt.ts";

export { REPLICA_LOST } from "../../replicas/replica_lost.ts";

/** Options of training with several processes. */
export const replicaOptions = {
  replicas: integer(
    1,
    [1, MAX_REPLICAS],
    "processes on this machine that train together, each with --batch-size photos per step",
  ),
  replicaAddresses: text(
    "HOST:PORT,HOST:PORT",
    "addresses of the replicas on several machines, by rank; the same list for all",
  ),
  rank: integer(
    0,
    [0, MAX_REPLICAS - 1],
    "index of this process in --replica-addresses; rank 0 keeps the run, the others need no --out",
  ),
  replicaTimeout: number(
    15,
    [1, 3600],
    "longest silence of a replica before it counts as lost",
    "seconds",
  ),
  untilInputEnds: boolean(false, "end at once when stdin ends; for programs that start this one"),
} as const;

/** Their values. */
export interface ReplicaChoice {
  readonly replicas: number;
  readonly replicaAddresses: string | undefined;
  readonly rank: number;
  readonly replicaTimeout: number;
  readonly untilInputEnds: boolean;
}

/**
 * Which replica this process is.
 *
 * @param given the names of the options that were given.
 * @returns undefined where it is none of several, or is to start several.
 * @throws TinctError `invalid_argument` for options that contradict each other.
 */
export function readReplica(
  choice: ReplicaChoice,
  given: ReadonlySet<string>,
): ReplicaAddresses | undefined {
  const { replicaAddresses, rank } = choice;
  if (replicaAddresses === undefined) {
    if (!given.has("rank")) return undefined;
    throw new TinctError(
      "invalid_argument",
      "--rank says which of --replica-addresses this process is; --replicas N alone starts " +
        "N processes on this machine.",
    );
  }
  if (given.has("replicas")) {
    throw new TinctError(
      "invalid_argument",
      "--replicas starts all replicas on this machine, --replica-addresses is for one of several " +
        "machines: give one of the two.",
    );
  }
  return parseReplicaAddresses(replicaAddresses, rank);
}

/** How replicas watch one another. */
export function watching({ replicaTimeout }: ReplicaChoice): ReplicaOptions {
  return { version, silenceMs: 1000 * replicaTimeout };
}

/** Ends the process when stdin ends, which is when its parent is gone; until it is disposed of. */
export function endWithInput({ untilInputEnds }: ReplicaChoice): Disposable {
  if (!untilInputEnds) return { [Symbol.dispose]: () => {} };
  const end = () => process.exit(INTERRUPTED);
  process.stdin.on("end", end).on("error", end).resume();
  return {
    [Symbol.dispose]: () => {
      process.stdin.off("end", end).off("error", end).pause(); // destroy() would keep the process alive
    },
  };
}
