import { availableParallelism } from "node:os";
import { join } from "node:path";
import { existsSync, readdirSync } from "node:fs";
import { onAbort } from "../../abort.ts";
import { CHECKPOINTS_FOLDER, stepOfFolder } from "../../checkpoints/run_folder.ts";
import { replicaVariables } from "../../config.ts";
import { freeLoopbackAddresses } from "../../replicas/addresses.ts";
import type { CommandContext } from "../../terminal/command.ts";
import type { EngineChoice } from "../../installation/engine_options.ts";
import { INTERRUPTED } from "../../terminal/interrupt.ts";
import { counted } from "../../terminal/quantities.ts";
import { REPLICA_LOST, type ReplicaChoice } from "./options.ts";
import { type ReplicaExit, ReplicaProcess } from "./replica_process.ts";

/** A training that is to run in several processes of this machine. */
interface ReplicatedTraining {
  readonly data: string;
  readonly out: string;
  readonly resume: boolean;
  /** Whose weights a run begins with; undefined: fresh ones. */
  readonly startFrom: string | undefined;
  /** The file whose weights a fresh run's encoder begins with. */
  readonly encoderWeights: string | undefined;
  readonly options: ReplicaChoice & EngineChoice & { readonly maxMinutes: number };
  /** The training and engine options that were given, as words; without `--max-minutes`. */
  readonly trainingWords: readonly string[];
  readonly engineWords: readonly string[];
}

/**
 * Trains in several processes of this program, and goes on from the newest checkpoint with those
 * that are left when one is lost. None outlives this process.
 *
 * @returns the exit code of the training.
 */
export async function startReplicas(
  training: ReplicatedTraining,
  { signal }: CommandContext,
): Promise<number> {
  const startedMs = performance.now();
  let { resume } = training;
  for (let count = training.options.replicas;;) {
    const minutes = (performance.now() - startedMs) / 60_000;
    const processes = await startAll(training, { count, resume, minutes });
    const exits = await watch(processes, { signal, silenceMs: silenceMs(training) });
    const lost = signal.aborted ? [] : lostOf(exits);
    if (lost.length === 0) return endOf(exits, signal);
    for (const { rank, signal, lastWords } of lost) {
      console.error(
        `Replica ${rank} is lost (${signal ?? "it failed"}).${lastWords && ` ${lastWords}`}`,
      );
    }
    count -= lost.length;
    if (count < 1) {
      console.error("No replica is left.");
      return REPLICA_LOST;
    }
    resume = hasCheckpoint(training.out);
    const from = resume
      ? "from the newest checkpoint"
      : "from the start: there is no checkpoint yet";
    console.error(`Going on with ${counted(count, "replica")}, ${from}.`);
  }
}

/** Rank 0 may have a checkpoint to write when the others have ended: so long, in milliseconds. */
const checkpointMs = 60_000;

/** How the processes ended; `killed` are those that this process had to end. */
interface Exits {
  readonly all: readonly ReplicaExit[];
  readonly killed: ReadonlySet<number>;
}

async function startAll(
  training: ReplicatedTraining,
  { count, resume, minutes }: {
    readonly count: number;
    readonly resume: boolean;
    readonly minutes: number;
  },
): Promise<ReplicaProcess[]> {
  const { data, out, startFrom, encoderWeights, options, trainingWords, engineWords } = training;
  const addresses = count > 1 ? await freeLoopbackAddresses(count) : [];
  const { device, maxMinutes, replicaTimeout } = options;
  const threads = options.threads || Math.max(1, Math.floor(availableParallelism() / count));
  const left = Math.max(0.001, maxMinutes - minutes); // 0 would be no limit
  return Array.from({ length: count }, (_, rank) => {
    const words = [
      ...["train", "--data", data, ...engineWords, "--threads", `${threads}`, "--until-input-ends"],
      ...(rank > 0 ? [] : ["--out", out, ...trainingWords]),
      ...(rank > 0 || maxMinutes === 0 ? [] : ["--max-minutes", `${left}`]),
      ...(rank === 0 && resume ? ["--resume"] : []),
      ...(rank === 0 && !resume && startFrom !== undefined ? ["--start-from", startFrom] : []),
      ...(rank === 0 && !resume && encoderWeights !== undefined
        ? ["--encoder-weights", encoderWeights]
        : []),
      ...(count === 1 ? [] : ["--replica-addresses", addresses.join(), "--rank", `${rank}`]),
      ...["--replica-timeout", `${replicaTimeout}`],
    ];
    return new ReplicaProcess(rank, words, replicaVariables(device === "gpu" ? rank : undefined));
  });
}

/** Waits until all have ended; once one has, the others have their time to follow. */
async function watch(
  processes: readonly ReplicaProcess[],
  { signal, silenceMs }: { readonly signal: AbortSignal; readonly silenceMs: number },
): Promise<Exits> {
  const killed = new Set<number>();
  const left = new Set(processes);
  // Rank 0 ends the training for all; the terminal has told the others already.
  using _interrupting = onAbort(signal, () => processes[0]?.signal("SIGINT"));
  const timers: ReturnType<typeof setTimeout>[] = [];
  const kill = (which: (each: ReplicaProcess) => boolean) => {
    for (const hung of [...left].filter(which)) {
      killed.add(hung.rank);
      hung.signal("SIGKILL");
    }
  };
  const all = await Promise.all(processes.map(async (each) => {
    const exit = await each.exited;
    left.delete(each);
    // Where rank 0 was refused or failed, the others may wait for it in vain; they have nothing to keep.
    if (each.rank === 0 && hasFailed(exit)) kill(() => true);
    if ((each.rank === 0 || exit.code !== 0) && timers.length === 0) {
      timers.push(setTimeout(() => kill(({ rank }) => rank > 0), silenceMs));
      timers.push(setTimeout(() => kill(() => true), checkpointMs + silenceMs));
    }
    return exit;
  }));
  timers.forEach(clearTimeout);
  return { all, killed };
}

/** Whether a replica ended by itself, for another reason than a loss or an interruption. */
function hasFailed({ code }: ReplicaExit): boolean {
  return code !== undefined && ![0, REPLICA_LOST, INTERRUPTED].includes(code);
}

/** Those that ended without a word, or hung when the others noticed a loss. */
function lostOf({ all, killed }: Exits): ReplicaExit[] {
  const silent = all.filter(({ rank, signal }) => signal !== undefined && !killed.has(rank));
  if (silent.length > 0) return silent;
  const noticed = all.some(({ code }) => code === REPLICA_LOST);
  return noticed ? all.filter(({ rank }) => killed.has(rank)) : [];
}

/** The exit code, after what was not shown of an error. */
function endOf({ all }: Exits, signal: AbortSignal): number {
  const leader = all.find(({ rank }) => rank === 0);
  const failed = all.find((exit) => exit.rank > 0 && hasFailed(exit));
  if (failed && leader?.code !== 1) console.error(`Replica ${failed.rank}: ${failed.lastWords}`);
  if (signal.aborted) return leader?.code ?? INTERRUPTED;
  return leader?.code || failed?.code || 0;
}

function hasCheckpoint(runFolder: string): boolean {
  const folder = join(runFolder, CHECKPOINTS_FOLDER);
  return existsSync(folder) && readdirSync(folder).some((name) => stepOfFolder(name) !== undefined);
}

function silenceMs({ options }: ReplicatedTraining): number {
  return 1000 * options.replicaTimeout;
}
