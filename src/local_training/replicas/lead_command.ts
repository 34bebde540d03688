import { findContradictions } from "../../config/contradictions.ts";
import { refuseViolations } from "../../config/option.ts";
import { ownPhotoOptions } from "../../config/photo_limits.ts";
import { replicaContradictions } from "../../config/replica_contradictions.ts";
import type { TrainingConfig } from "../../config/training.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PreparedSet } from "../../prepared/prepared_set.ts";
import type { ReplicaAddresses } from "../../replicas/addresses.ts";
import { ReplicaLeader } from "../../replicas/leader.ts";
import { ReplicaLost } from "../../replicas/replica_lost.ts";
import { flagName } from "../../terminal/arguments.ts";
import { perceptualOptions } from "../perceptual_weights.ts";
import { givenWords } from "../../terminal/command_line.ts";
import type { CommandContext } from "../../terminal/command.ts";
import {
  type EngineChoice,
  engineOptions,
  startEngine,
} from "../../installation/engine_options.ts";
import { REPLICA_LOST, type ReplicaChoice, replicaOptions, watching } from "./options.ts";

/** @throws TinctError `invalid_argument` that names each option that does not go with replicas. */
export function refuseUnreplicated(
  options: Pick<TrainingConfig, "xla" | "poolSize" | "lambdaPerceptual" | "perceptual">,
): void {
  const violations = findContradictions(replicaContradictions, options, new Set(), flagName);
  refuseViolations("The training options are invalid", violations, flagName);
}

/** The words of the command that goes on with a run, as the person who started it would type them. */
export function resumeWords(
  { data, out }: { readonly data: string; readonly out: string },
  options: ReplicaChoice & EngineChoice & { readonly perceptualWeights?: string | undefined },
  { given, replicas }: { readonly given: ReadonlySet<string>; readonly replicas: number },
): string[] {
  const words = ["train", "--data", data, "--out", out, "--resume"];
  if (!options.untilInputEnds) {
    return [
      ...words,
      ...givenWords(
        { ...perceptualOptions, ...replicaOptions, ...ownPhotoOptions, ...engineOptions },
        { ...options },
        given,
      ),
    ];
  }
  // Started by `--replicas`, which chose the threads and addresses.
  const { threads: _, ...chosen } = engineOptions;
  if (replicas > 1) words.push("--replicas", String(replicas));
  return [...words, ...givenWords({ ...chosen, ...ownPhotoOptions }, { ...options }, given)];
}

/** An engine, and the other replicas where there are any. */
interface LeadingEngine extends Disposable {
  readonly engine: Engine;
  readonly leader: ReplicaLeader | undefined;
}

/**
 * Starts the engine of a training; as rank 0 of several replicas, waits until all others have theirs.
 *
 * @throws TinctError as `startEngine` and `ReplicaLeader` do.
 */
export async function startLeading(
  { config, set, replica }: {
    readonly config: TrainingConfig;
    readonly set: PreparedSet;
    readonly replica: ReplicaAddresses | undefined;
  },
  options: ReplicaChoice & EngineChoice,
  context: CommandContext,
): Promise<LeadingEngine> {
  if (replica === undefined) {
    const engine = await startEngine(context, options, config.precision);
    return { engine, leader: undefined, [Symbol.dispose]: () => engine[Symbol.dispose]() };
  }
  refuseUnreplicated(config);
  using parts = new DisposableStack();
  const leader = parts.use(await ReplicaLeader.listen(replica, watching(options)));
  leader.welcome({ config, dataKey: set.key });
  const engine = parts.use(
    await startEngine(context, options, config.precision, { cluster: replica }),
  );
  let told = "";
  await leader.gather({
    signal: context.signal,
    onMissing: (addresses) => {
      const list = addresses.join(", ");
      // Those that one parent has started are there in a moment.
      if (list !== told && !options.untilInputEnds) console.error(`Waiting for ${list}.`);
      told = list;
    },
  });
  const owned = parts.move();
  return { engine, leader, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/**
 * Runs a training of rank 0 and tells the others how it ended.
 *
 * @param advice what to tell of a loss; undefined where the process that started this one goes on.
 * @returns what `work` returned; the exit code where a replica was lost.
 */
export async function leading<T>(
  leader: ReplicaLeader | undefined,
  work: () => Promise<T>,
  { signal, advice }: { readonly signal: AbortSignal; readonly advice: string | undefined },
): Promise<T | typeof REPLICA_LOST> {
  if (leader === undefined) return await work();
  try {
    return await leader.lead(work, signal);
  } catch (error) {
    if (!(error instanceof ReplicaLost)) throw error;
    console.error(error.message);
    if (advice !== undefined) console.error(advice);
    return REPLICA_LOST;
  }
}
