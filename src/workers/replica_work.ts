import { parseTrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import type { TrainingAssignment__Output } from "../protocol/generated/tinct/worker/v1/training_assignment.ts";
import { durationMsOf } from "../protocol/times.ts";
import type { ReplicaAddresses } from "../replicas/addresses.ts";
import { ReplicaFollower } from "../replicas/follower.ts";
import { ReplicaLeader, type ReplicaOptions } from "../replicas/leader.ts";
import { ReplicaLost } from "../replicas/replica_lost.ts";
import type { TrainingConfig } from "../config/training.ts";
import { follow } from "../training/replicas.ts";
import { version } from "../version.ts";
import { openKeptPhotos } from "./run_photos.ts";

/** Which of several processes a worker is, and how it finds the others. */
export interface Replica {
  readonly addresses: ReplicaAddresses;
  readonly options: ReplicaOptions;
}

/** Starts an engine for a precision; of several replicas, one that finds the others. */
export type StartEngine = (precision: TrainingConfig["precision"]) => Promise<Engine>;

/** Undefined where the worker trains alone. */
export function replicaOf({ replicas }: TrainingAssignment__Output): Replica | undefined {
  if (!replicas) return undefined;
  const { rank, addresses, controlPath, silence } = replicas;
  return {
    addresses: { addresses, rank, controlPath },
    options: { version, silenceMs: durationMsOf(silence) ?? 60_000 },
  };
}

/** Begins to listen for the others, as rank 0, and tells them what is trained; alone, nothing. */
export async function listenForReplicas(
  replica: Replica | undefined,
  config: TrainingConfig,
  dataKey: string,
): Promise<ReplicaLeader | undefined> {
  if (replica === undefined) return undefined;
  const leader = await ReplicaLeader.listen(replica.addresses, replica.options);
  leader.welcome({ config, dataKey });
  return leader;
}

/** Trains as rank 0, once all others are ready, and tells them how it ended; or trains alone. */
export async function leading<T>(
  leader: ReplicaLeader | undefined,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (leader === undefined) return await work();
  return await leader.lead(async () => {
    await leader.gather({ signal, onMissing: () => {} });
    return await work();
  }, signal);
}

/**
 * Takes the steps that rank 0 orders, until that is done.
 *
 * @param signal is not rank 0's: that one ends the training.
 * @throws why it could not go on; rank 0 was told.
 */
export async function followRank0(
  { addresses, options }: Replica,
  assignment: TrainingAssignment__Output,
  startEngine: StartEngine,
  signal: AbortSignal,
): Promise<Finished> {
  using follower = await ReplicaFollower.connect(addresses, options, {
    signal,
    onWaiting: () => {}, // it prepares the photos first
  });
  try {
    const welcome = await follower.welcome(signal);
    const config = parseTrainingConfig(welcome.config);
    await using set = await openKeptPhotos(assignment);
    if (set.key !== welcome.dataKey) {
      throw new TypeError("Rank 0 trains on other photos than it has kept.");
    }
    using engine = await startEngine(config.precision);
    const share = { index: addresses.rank, count: addresses.addresses.length };
    await follow({ engine, set, config, follower, share });
    return { outcome: "OUTCOME_SUCCEEDED" };
  } catch (error) {
    if (!(error instanceof ReplicaLost)) follower.fail(error);
    throw error;
  }
}
