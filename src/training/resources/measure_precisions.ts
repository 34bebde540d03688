import { parseTrainingConfig, type TrainingConfig } from "../../config/training.ts";
import type { Engine } from "../../engine/engine.ts";
import { bytesPerPicture } from "../../prepared/prepared_set.ts";
import { CompiledStep } from "../compiled_step.ts";
import { Gan } from "../gan.ts";
import { medianOf } from "../median.ts";

/** What a training step takes in either precision, milliseconds. */
export interface StepSpeeds {
  readonly float32Ms: number;
  readonly bfloat16Ms: number;
}

/** Rounds that are enough for a median. */
const MOST_ROUNDS = 5;

/**
 * Trains steps on noise in float32 and bfloat16, in turn and on the same weights, so that other
 * programs slow both alike. The first step of each, which prepares its function, does not count.
 *
 * @param config what is trained; its own precision does not matter.
 * @param options `maxMs`: no further round is begun after so long; one is always measured.
 * @returns the medians over the rounds.
 * @throws the signal's reason.
 */
export async function measurePrecisions(
  engine: Engine,
  config: TrainingConfig,
  { maxMs = 2500, signal }: { readonly maxMs?: number; readonly signal?: AbortSignal } = {},
): Promise<StepSpeeds> {
  signal?.throwIfAborted();
  using owned = new DisposableStack();
  const gan = owned.use(new Gan(engine, config));
  const timed = (["float32", "bfloat16"] as const).map((precision) => {
    const own = parseTrainingConfig({ ...config, precision });
    return { step: owned.use(new CompiledStep(gan, own)), ms: [] as number[] };
  });
  const photos = config.batchSize * config.accumulate;
  const pixels = new Uint8Array(photos * bytesPerPicture(config.size))
    .map((_, i) => (i * 2654435761) >>> 24);
  const still = { lrG: 0, lrD: 0 };
  let at = Math.max(config.pretrainSteps + config.criticSteps, config.freezeEncoderSteps);
  for (const { step } of timed) {
    signal?.throwIfAborted();
    await step.run(pixels, at + 1, still);
  }
  const beganMs = performance.now();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (round > 0 && performance.now() - beganMs >= maxMs) break;
    at++;
    for (const { step, ms } of timed) {
      signal?.throwIfAborted();
      const startedMs = performance.now();
      await step.run(pixels, at + 1, still);
      ms.push(performance.now() - startedMs);
    }
  }
  const [float32Ms = NaN, bfloat16Ms = NaN] = timed.map(({ ms }) => medianOf(ms));
  return { float32Ms, bfloat16Ms };
}
