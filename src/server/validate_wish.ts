import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { DatasetReport } from "../protocol/generated/tinct/v1/dataset_report.ts";
import type { ValidateTrainingConfigRequest__Output } from "../protocol/generated/tinct/v1/validate_training_config_request.ts";
import type { ValidateTrainingConfigResponse } from "../protocol/generated/tinct/v1/validate_training_config_response.ts";
import { configMessage, configViolations } from "../protocol/training_options.ts";
import { counted, countedWith } from "../words.ts";
import type { ServerContext } from "./context.ts";
import { reportMessage } from "./dataset_messages.ts";
import { Violations } from "./fields.ts";
import { checkWish, completed, type TrainingWish, violationsOf } from "./train.ts";
import { describeNothing } from "./usable_photos.ts";

/**
 * Checks a wish for a training without granting it: options, dataset, photos, and where asked for
 * what it would take.
 */
export async function validateWish(
  context: ServerContext,
  wish: TrainingWish & Pick<ValidateTrainingConfigRequest__Output, "measure">,
  signal: AbortSignal,
): Promise<ValidateTrainingConfigResponse> {
  const violations = new Violations();
  let config = completed(wish);
  try {
    violations.list.push(...configViolations(await violationsOf(context, wish)));
    const checked = violations.list.length === 0 ? await checkWish(context, wish) : undefined;
    config = checked?.config ?? config;
  } catch (error) {
    if (!(error instanceof TinctError)) throw error;
    const field = error.message.includes("dataset") ? "dataset" : wish.origin ?? "dataset";
    violations.check(false, field, `does not fit: ${error.message}`);
  }
  const isKnown = wish.dataset !== "" && !violations.list.some(({ field }) => field === "dataset");
  const dataset = isKnown ? await lookAt(context, wish, config, signal) : null;
  const photos = Number(dataset?.usablePhotos ?? 0);
  if (dataset && photos === 0) {
    violations.check(false, "dataset", `${describeNothing(dataset)}; add colour photos to it`);
  }
  const warnings = dataset ? photoWarnings(dataset, config, context.settings.replicas) : [];
  const isValid = violations.list.length === 0;
  const resources = isValid && wish.measure
    ? await context.supervisor.measure({ config, photos }, { signal })
    : null;
  return {
    valid: isValid,
    violations: violations.list.map(({ field, description }) => ({ field, description })),
    config: configMessage(config),
    dataset,
    warnings: [...warnings, ...resources?.warnings ?? []],
    resources,
  };
}

/** An uploaded dataset was looked at when it was complete, and is again where there is time for it. */
async function lookAt(
  { store, datasets, supervisor }: ServerContext,
  { dataset, measure }: { readonly dataset: string; readonly measure: boolean },
  config: TrainingConfig,
  signal: AbortSignal,
): Promise<DatasetReport | null> {
  const placed = await datasets.placed(dataset);
  if (placed !== undefined) return await supervisor.inspect(placed, { config, signal });
  if (measure) {
    return await supervisor.inspect(await datasets.folderOf(dataset), { config, signal });
  }
  return reportMessage((await store.datasets.get(dataset)).report);
}

/** What of a dataset's photos a person should know, a sentence each. */
function photoWarnings(
  report: DatasetReport,
  config: TrainingConfig,
  replicas: number,
): string[] {
  const warnings: string[] = [];
  const usable = Number(report.usablePhotos ?? 0);
  const batch = config.batchSize * config.accumulate * replicas;
  if (usable > 0 && usable < batch) {
    warnings.push(
      `The dataset has ${counted(usable, "usable photo")}, fewer than a batch of ${batch}.`,
    );
  }
  const leaked = Number(report.leakedPhotos ?? 0);
  if (leaked > 0) {
    warnings.push(
      `${countedWith(leaked, "validation photo", ["has", "have"])} a near-duplicate among those ` +
        "that are trained on: " +
        "validations will look better than they are.",
    );
  }
  const copies = Number(report.duplicatePhotos ?? 0);
  if (copies > 0) {
    const are = ["is a near-duplicate of another", "are near-duplicates of others"] as const;
    warnings.push(`${countedWith(copies, "photo", are)}.`);
  }
  const small = Number(report.smallPhotos ?? 0);
  if (small > 0 && report.smallSide === config.size) {
    const are = countedWith(small, "photo", ["is", "are"]);
    warnings.push(`${are} smaller than ${config.size} pixels and will be enlarged.`);
  }
  return warnings;
}
