import type { TrainingConfig } from "../config/training.ts";
import {
  copiesIn,
  describeOddities,
  odditiesOfSet,
  type PhotoFindings,
} from "../prepared/photo_findings.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { type Split, splitSet } from "../prepared/split_set.ts";
import type { PhotoSurvey } from "../prepared/survey_photos.ts";
import { containerMemory } from "../machine/container_memory.ts";
import { availableMemoryBytes } from "../machine/memory.ts";
import { noValidationSentence } from "../training/no_validation.ts";
import { diskNeeds } from "../training/resources/disk_needs.ts";
import { memoryShortage } from "../training/resources/memory_shortage.ts";
import { diskBytes, type ResourceNeeds } from "../training/resources/resource_needs.ts";
import type { Run } from "../runs/run.ts";
import { flagName } from "../terminal/arguments.ts";
import { freeBytesForFolder } from "../files/free_bytes.ts";
import { columns } from "../terminal/help.ts";
import { countedWith, neededAndThere } from "../words.ts";
import { counted, formatBytes, formatCount, formatDuration } from "../terminal/quantities.ts";
import { shown } from "../shown.ts";

/** What was found before a training. */
interface Preflight {
  readonly config: TrainingConfig;
  readonly survey: PhotoSurvey;
  readonly split: Split;
  readonly findings: PhotoFindings;
  /** Undefined: nothing was measured. */
  readonly needs: ResourceNeeds | undefined;
}

/** The findings as a person reads them, a line each. */
export function describePreflight({ config, survey, split, findings, needs }: Preflight): string {
  const { listed, sizeBytes, unreadable, others, gray, usable } = survey;
  const { duplicates, leaked, small, sides } = findings;
  const rows: [string, string][] = [[
    "photos",
    `${counted(listed, "file")}, ${formatBytes(sizeBytes)}; ${
      formatCount(usable.names.length)
    } can ` +
    `be used: ${formatCount(split.train.length)} to train on, ` +
    `${formatCount(split.validation.length)} for validation`,
  ]];
  const [first] = unreadable;
  if (first) {
    rows.push(["unreadable", `${unreadable.length}, such as ${first.name}, which ${first.reason}`]);
  }
  if (others.size > 0) {
    const counts = [...others].map(([format, count]) => `${count} ${format}`);
    rows.push(["other formats", `${counts.join(", ")}, left out`]);
  }
  if (gray.length > 0) rows.push(["gray", `${gray.length}, left out: ${someOf(gray)}`]);
  if (duplicates.length > 0) {
    const groups = duplicates.map((names) => someOf(names, " = "));
    rows.push([
      "near-duplicates",
      `${copiesIn(duplicates)} in ${counted(duplicates.length, "group")}: ${someOf(groups, "; ")}`,
    ]);
    rows.push([
      "across the split",
      `${countedWith(leaked ?? 0, "validation photo", ["has", "have"])} a near-duplicate among ` +
      "those trained on",
    ]);
  }
  if (small.length > 0) {
    rows.push(["too small", `${small.length} under ${config.size} pixels: ${someOf(small)}`]);
  }
  if (sides.length > 0) rows.push(["shorter sides", describeSides(sides)]);
  if (needs) rows.push(...needsRows(config, needs));
  return columns(rows);
}

function describeSides(sides: PhotoFindings["sides"]): string {
  return sides.map(({ from, photos }) => `from ${from}: ${formatCount(photos)}`).join(", ");
}

function needsRows(config: TrainingConfig, needs: ResourceNeeds): [string, string][] {
  const { stepMs, steps, firstStepMs, stepsPerEpoch, totalSteps } = needs;
  const photos = config.batchSize * config.accumulate;
  return [
    [
      "a step",
      `${formatStep(stepMs)} for ${counted(photos, "photo")} of ${config.size} x ${config.size} ` +
      `(mean of ${steps}); the first ${formatDuration(firstStepMs)}`,
    ],
    [
      "an epoch",
      `${counted(stepsPerEpoch, "step")}, ${formatDuration(stepMs * stepsPerEpoch)}; all ` +
      `${counted(totalSteps, "step")} ${formatDuration(stepMs * totalSteps)}, validations and ` +
      "samples left out",
    ],
    [
      "memory",
      `${formatBytes(needs.memoryBytes)} at most, ${formatBytes(needs.availableMemoryBytes)} free`,
    ],
    [
      "disk",
      `${formatBytes(needs.preparedBytes)} of prepared photos and up to ` +
      `${counted(needs.checkpoints, "checkpoint")} of ${formatBytes(needs.checkpointBytes)}: ${
        formatBytes(diskBytes(needs))
      }, ` +
      `${formatBytes(needs.freeDiskBytes)} free`,
    ],
  ];
}

function formatStep(durationMs: number): string {
  return durationMs < 995 ? `${Number(durationMs.toPrecision(2))} ms` : formatDuration(durationMs);
}

/** Why training would not begin, a sentence each; empty where it would. */
export function obstaclesOf({ config, split }: Pick<Preflight, "config" | "split">): string[] {
  const photos = config.batchSize * config.accumulate;
  if (split.train.length >= photos) return [];
  return [
    `There ${split.train.length === 1 ? "is" : "are"} ${
      counted(split.train.length, "photo")
    } to train on, fewer than one step takes ` +
    `(${photos}): add photos, or take a smaller --batch-size.`,
  ];
}

/** Prints what a person should know before the first step; takes no time that is felt. */
export async function warnBeforeTraining(
  set: PreparedSet,
  { config, folder }: Pick<Run, "config" | "folder">,
  device: "cpu" | "gpu",
): Promise<void> {
  const oddities = odditiesOfSet(set, config);
  const sentences = oddities ? describeOddities(oddities, set.size) : [];
  for (const sentence of sentences) console.error(shown(sentence));
  if (sentences.length > 0) console.error("`check` names them all.");
  const unmeasured = noValidationSentence(splitSet(set.ids, config), config, flagName);
  if (unmeasured !== undefined) console.error(unmeasured);
  if (device === "cpu") {
    const limitBytes = containerMemory()?.limitBytes;
    const there = { availableBytes: availableMemoryBytes(), limitBytes };
    const shortage = memoryShortage(config, there, flagName);
    if (shortage !== undefined) console.error(shortage);
  }
  const { checkpoint, checkpoints } = diskNeeds(config, set.count);
  const free = await freeBytesForFolder(folder);
  if (free >= checkpoint * checkpoints) return;
  const [needed, there] = neededAndThere(checkpoint * checkpoints, free);
  console.error(
    `Up to ${countedWith(checkpoints, "checkpoint", ["is", "are"])} written, ` +
      `${needed} together, and ` +
      `${there} are free there: free some, or take a smaller --keep-checkpoints.`,
  );
}

function someOf(names: readonly string[], separator = ", "): string {
  const most = 5;
  return names.slice(0, most).join(separator) + (names.length > most ? `${separator}…` : "");
}
