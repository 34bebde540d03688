import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { composeSampleSheet } from "../drawing/sample_sheet.ts";
import { restoreGan } from "./checkpointing.ts";
import { Evaluator } from "../validation/evaluator.ts";
import { Gan } from "./gan.ts";
import { GanColors } from "./gan_colors.ts";
import type { Validation } from "../validation/measures.ts";
import { shortRow } from "../validation/probe_sheet.ts";

/** What a run's newest checkpoint makes of pictures. */
interface RunEvaluation {
  readonly validation: Validation;
  /** L | colorized | real, a PNG. */
  readonly sheet: Uint8Array;
}

/**
 * Colorizes pictures with a run's newest good checkpoint and measures them.
 *
 * @param indices which pictures of the set; the first `shown` go onto the sheet.
 * @throws TinctError as `CheckpointStore.loadLatestGood` does.
 */
export async function evaluateRun(
  engine: Engine,
  { store, config }: { readonly store: CheckpointStore; readonly config: TrainingConfig },
  { set, indices, shown, title }: {
    readonly set: PreparedSet;
    readonly indices: Uint32Array;
    readonly shown: number;
    readonly title: string;
  },
): Promise<RunEvaluation> {
  using gan = new Gan(engine, config);
  await using checkpoint = await store.loadLatestGood();
  await restoreGan(gan, checkpoint);
  using colors = new GanColors(gan, config.precision);
  using evaluator = new Evaluator(engine, set, colors);
  const rows = (await evaluator.show(indices.subarray(0, shown))).map(shortRow);
  return {
    validation: await evaluator.validate(indices),
    sheet: await composeSampleSheet(rows, { title }),
  };
}
