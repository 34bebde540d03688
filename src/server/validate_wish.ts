import { idleOptions } from "../config/idle_options.ts";
import {
  completeTrainingOptions,
  type TrainingConfig,
  trainingViolations,
} from "../config/training.ts";
import type { DatasetReport } from "../protocol/generated/tinct/v1/dataset_report.ts";
import type { ValidateTrainingConfigRequest__Output } from "../protocol/generated/tinct/v1/validate_training_config_request.ts";
import type { ValidateTrainingConfigResponse } from "../protocol/generated/tinct/v1/validate_training_config_response.ts";
import {
  configMessage,
  configViolations,
  fieldName,
  givenOptions,
} from "../protocol/training_options.ts";
import { findWeights } from "./find_weights.ts";
import { countedWith } from "../words.ts";
import type { ServerContext } from "./context.ts";
import { reportMessage } from "./dataset_messages.ts";
import { Violations } from "../calls/fields.ts";
import { findOrigin, resumedOptions, type TrainingWish, violationsOf } from "./train.ts";
import { describeNothing, describeTooFew, photoNeeds } from "../datasets/usable_photos.ts";

/** In sentences options are called as in the protos. */
const named = { nameOf: fieldName };

/**
 * Checks a wish for a training without granting it: options, dataset, photos, and where asked for
 * what it would take. What is wrong is told, all of it.
 *
 * @throws {TinctError} only for what is no fault of the wish.
 */
export async function validateWish(
  context: ServerContext,
  wish: TrainingWish & Pick<ValidateTrainingConfigRequest__Output, "measure">,
  signal: AbortSignal,
): Promise<ValidateTrainingConfigResponse> {
  const { settings, usablePhotos, datasets } = context;
  const { requests } = context.status;
  const found = requests.violationsOf("tinct.v1.ValidateTrainingConfigRequest", wish);
  const violations = new Violations(found);
  const isReadable = !found.some(({ field }) => field.startsWith("resume_from"));
  const before = isReadable
    ? await violations.gather(`${wish.origin}.jobId`, () => resumedOptions(context.store, wish)) ??
      {}
    : {};
  const { startFrom } = wish;
  if (wish.origin === "startFrom" && startFrom) {
    await violations.gather("startFrom.jobId", () => context.store.jobs.get(startFrom.jobId));
  }
  const options = { ...before, ...givenOptions(wish.config) };
  const { values: config } = completeTrainingOptions(options);
  const isKnown = !violations.list.some(({ field }) => /^(?:resume|start)_from/.test(field));
  if (isKnown) {
    violations.add(configViolations(violationsOf(context, wish, before)));
    const origin = wish.origin ?? "dataset";
    const found = await violations.gather(origin, () => findOrigin(context, wish, config));
    const goesOnWith = found?.dataset ?? wish.dataset;
    if (goesOnWith !== "" && goesOnWith !== wish.dataset) {
      await violations.gather("dataset", async () => {
        await datasets.folderOf(goesOnWith);
        await usablePhotos.require(goesOnWith, photoNeeds(config, settings.replicas), signal);
      });
    }
  } else violations.add(configViolations(trainingViolations(options, named)));
  await violations.gather(
    "startFrom.jobId",
    () => findWeights(context, wish, config, violations),
  );
  const isNamed = wish.dataset !== "" && !violations.list.some(({ field }) => field === "dataset");
  const dataset = !isNamed ? null : await violations.gather("dataset", async () => {
    await datasets.folderOf(wish.dataset);
    return await lookAt(context, wish, config, signal);
  }) ?? null;
  const photos = Number(dataset?.usablePhotos ?? 0);
  if (dataset && photos === 0) {
    violations.check(false, "dataset", `${describeNothing(dataset)}; add colour photos to it`);
  } else if (dataset && !violations.list.some(({ field }) => needed.has(field))) {
    const needs = photoNeeds(config, settings.replicas);
    const tooFew = describeTooFew(dataset, needs.photosPerStep);
    if (tooFew !== undefined) violations.check(false, "dataset", tooFew);
    // What is known of an uploaded one does not say how its photos are split.
    else if (dataset.trainingPhotos === undefined) {
      await violations.gather("dataset", () => usablePhotos.require(wish.dataset, needs, signal));
    }
  }
  const warnings = dataset ? photoWarnings(dataset, config) : [];
  const isValid = violations.list.length === 0;
  const resources = isValid && wish.measure
    ? await context.workbench.measure({ config, photos }, { signal })
    : null;
  return {
    valid: isValid,
    violations: violations.list.map(({ field, description }) => ({
      field: fieldName(field),
      description: context.status.words.of(description),
    })),
    config: configMessage(config),
    dataset,
    warnings: [
      ...idleOptions(givenOptions(wish.config), config, fieldName),
      ...warnings,
      ...resources?.warnings ?? [],
    ],
    resources,
  };
}

/** The fields by which it is judged whether there are enough photos. */
const needed: ReadonlySet<string> = new Set(
  ["size", "seed", "validationFraction", "batchSize", "accumulate"].map((option) =>
    `config.${fieldName(option)}`
  ),
);

/** An uploaded dataset was looked at when it was complete, and is again where there is time for it. */
async function lookAt(
  { store, datasets, reports }: ServerContext,
  { dataset, measure }: { readonly dataset: string; readonly measure: boolean },
  config: TrainingConfig,
  signal: AbortSignal,
): Promise<DatasetReport | null> {
  const placed = await datasets.placed(dataset);
  if (placed !== undefined) return await reports.of(placed, config, signal);
  if (measure) return await reports.of(await datasets.folderOf(dataset), config, signal);
  return reportMessage((await store.datasets.get(dataset)).report);
}

/** What of a dataset's photos a person should know, a sentence each. */
function photoWarnings(
  report: DatasetReport,
  config: TrainingConfig,
): string[] {
  const warnings: string[] = [];
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
