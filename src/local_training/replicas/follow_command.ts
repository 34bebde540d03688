import { onAbort } from "../../abort.ts";
import { type OwnPhotoChoice, ownPhotoLimits } from "../../config/photo_limits.ts";
import { parseTrainingConfig, trainingOptions } from "../../config/training.ts";
import { TinctError } from "../../errors.ts";
import { preparePhotos } from "../../prepared/prepare_photos.ts";
import type { ReplicaAddresses } from "../../replicas/addresses.ts";
import { ReplicaFollower } from "../../replicas/follower.ts";
import { ReplicaLost } from "../../replicas/replica_lost.ts";
import { follow } from "../../training/replicas.ts";
import { flagOf } from "../../terminal/arguments.ts";
import type { CommandContext } from "../../terminal/command.ts";
import { type EngineChoice, startEngine } from "../../installation/engine_options.ts";
import { preparedFolder } from "../prepare_data.ts";
import { REPLICA_LOST, type ReplicaChoice, watching } from "./options.ts";

/**
 * `tinct train` as another replica than rank 0: it does what that one says, and writes nothing.
 *
 * @param data the folder of photos; the same photos as rank 0's.
 * @returns the exit code.
 * @throws TinctError why it could not go on, but for a replica that is lost.
 */
export async function followTraining(
  data: string,
  addresses: ReplicaAddresses,
  { options, given }: {
    readonly options: ReplicaChoice & EngineChoice & OwnPhotoChoice;
    readonly given: ReadonlySet<string>;
  },
  context: CommandContext,
): Promise<number> {
  refuseRank0Options(given, addresses.rank);
  const [leader = ""] = addresses.addresses;
  using follower = await ReplicaFollower.connect(addresses, watching(options), {
    signal: context.signal,
    onWaiting: () => {
      // Of those that one parent has started, rank 0 will be there in a moment.
      if (!options.untilInputEnds) console.error(`Waiting for rank 0 at ${leader}.`);
    },
  });
  using _interrupting = onAbort(context.signal, () => follower.interrupt());
  try {
    const welcome = await follower.welcome(context.signal);
    const config = parseTrainingConfig(welcome.config);
    await using set = await preparePhotos(data, {
      size: config.size,
      limits: ownPhotoLimits(options),
      cacheFolder: preparedFolder(context.environment.cacheFolder),
      signal: context.signal,
      onProgress: () => {},
    });
    if (set.key !== welcome.dataKey) throw otherPhotos(data, leader);
    const cluster = addresses;
    using engine = await startEngine(context, options, config.precision, { cluster });
    const share = { index: addresses.rank, count: addresses.addresses.length };
    await follow({ engine, set, config, follower, share });
    return 0;
  } catch (error) {
    if (error instanceof ReplicaLost) {
      console.error(error.message);
      return REPLICA_LOST;
    }
    follower.fail(error);
    throw error;
  }
}

function otherPhotos(data: string, leader: string): TinctError {
  return new TinctError(
    "failed_precondition",
    `The photos in ${data} are not those of rank 0 (${leader}): copy that folder here, every replica ` +
      "reads its part of the same photos.",
  );
}

function refuseRank0Options(given: ReadonlySet<string>, rank: number): void {
  const names = [...given]
    .filter((name) => ["out", "resume"].includes(name) || Object.hasOwn(trainingOptions, name));
  if (names.length === 0) return;
  const list = names.map((name) => `--${flagOf(name)}`).join(", ");
  throw new TinctError(
    "invalid_argument",
    `${list}: rank 0 alone decides this and tells the others; leave it out for rank ${rank}.`,
  );
}
