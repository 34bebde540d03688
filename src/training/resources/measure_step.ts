import { performance } from "node:perf_hooks";
import process from "node:process";
import type { TrainingConfig } from "../../config/training.ts";
import type { Engine } from "../../engine/engine.ts";
import { bytesPerPicture } from "../../prepared/prepared_set.ts";
import { snapshotGan } from "../checkpointing.ts";
import { CompiledStep } from "../compiled_step.ts";
import { Gan } from "../gan.ts";
import { PerceptualNetwork, perceptualNetworkOf, seesByEncoder } from "../perceptual.ts";

/** What steps of a configuration take on this machine. */
export interface StepMeasurement {
  /** Milliseconds of a step in the mean, the first ones left out. */
  readonly stepMs: number;
  /** Steps that it is the mean of. */
  readonly steps: number;
  /** Milliseconds from nothing to the end of the first step: drawing weights, tracing, optimizing. */
  readonly firstStepMs: number;
  /**
   * The most memory that the process had while it trained with a checkpoint's copy at hand, in bytes;
   * of a GPU's nothing is known.
   */
  readonly memoryBytes: number;
}

/** Somebody who is told when memory is about to run out. */
export interface MemoryGuard {
  /** Asked every few milliseconds. */
  readonly isShort: () => boolean;
  /** Is to end the process: a step under way cannot be ended otherwise. */
  readonly onShort: () => void;
}

/** How often memory is looked at. */
const SAMPLE_EVERY_MS = 10;

/**
 * Trains a few steps with fresh weights on noise, and measures. The steps are those after
 * `pretrainSteps`, `criticSteps` and `freezeEncoderSteps`, which are the dear ones; with `nCritic` their mean is over whole rounds.
 *
 * @param options `maxMs`: no further round is begun after so long; one is always measured. `guard`:
 *   told before the system ends the process for its memory.
 * @throws the signal's reason.
 */
export async function measureStep(
  engine: Engine,
  config: TrainingConfig,
  { maxMs = 5000, signal, guard }: {
    readonly maxMs?: number;
    readonly signal?: AbortSignal;
    readonly guard?: MemoryGuard | undefined;
  } = {},
): Promise<StepMeasurement> {
  signal?.throwIfAborted();
  using memory = new MemoryPeak(guard);
  const startedMs = performance.now();
  // Its weights do not matter for time and memory.
  const seeing = seesByEncoder(config) ? undefined : perceptualNetworkOf(config);
  using perceptual = seeing && PerceptualNetwork.blank(engine, seeing);
  using gan = new Gan(engine, config, perceptual);
  using step = new CompiledStep(gan, config);
  const photos = config.batchSize * config.accumulate;
  // The same noise each time.
  const pixels = new Uint8Array(photos * bytesPerPicture(config.size))
    .map((_, i) => (i * 2654435761) >>> 24);
  let at = Math.max(config.pretrainSteps + config.criticSteps, config.freezeEncoderSteps);
  const round = async () => {
    for (let i = 0; i < config.nCritic; i++) {
      signal?.throwIfAborted();
      await step.run(pixels, ++at, { lrG: 0, lrD: 0 });
      memory.look();
    }
  };
  await step.run(pixels, ++at, { lrG: 0, lrD: 0 });
  const firstStepMs = performance.now() - startedMs;
  await round(); // what is traced later, and memory that is taken at the second step
  const beganMs = performance.now();
  let rounds = 0;
  do {
    await round();
    rounds++;
  } while (performance.now() - beganMs < maxMs && rounds < 20);
  const steps = rounds * config.nCritic;
  const stepMs = (performance.now() - beganMs) / steps;
  // A checkpoint's copy of everything is held while steps go on.
  using _snapshot = await snapshotGan(gan);
  await round();
  return { stepMs, steps, firstStepMs, memoryBytes: memory.bytes };
}

/** Watches the process's memory while it lives. */
class MemoryPeak implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #guard: MemoryGuard | undefined;
  /** The most so far. */
  bytes = process.memoryUsage.rss();

  constructor(guard: MemoryGuard | undefined) {
    this.#guard = guard;
    this.#timer = setInterval(() => this.look(), SAMPLE_EVERY_MS);
  }

  look(): void {
    this.bytes = Math.max(this.bytes, process.memoryUsage.rss());
    if (this.#guard?.isShort()) this.#guard.onShort();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
