import type { OptionNaming } from "../../config/option.ts";
import type { TrainingConfig } from "../../config/training.ts";
import { photosPerStep } from "../../config/photos_per_step.ts";
import { formatBytes, neededAndThere } from "../../words.ts";
import { diskNeeds } from "./disk_needs.ts";
import type { StepMeasurement } from "./measure_step.ts";
import { fixedStepBytes } from "./step_memory.ts";

/** What a training needs, beside what is there. */
export interface ResourceNeeds extends StepMeasurement {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  /** Photos of a step's batch. */
  readonly batchSize: number;
  /** What a step takes at any batch size, in bytes. */
  readonly fixedBytes: number;
  /** Memory that a new process could have had before measuring, in bytes. */
  readonly availableMemoryBytes: number;
  readonly preparedBytes: number;
  readonly checkpointBytes: number;
  /** The most checkpoints that there are at a time. */
  readonly checkpoints: number;
  /** Free on the disk that they go to, in bytes. */
  readonly freeDiskBytes: number;
}

/** What a process takes with TensorFlow loaded, in bytes; 390 MB where it was looked at. */
const PROCESS_BYTES = 390e6;

/** What is known of the place where a training is to run. */
interface Surroundings {
  /** Photos that are trained on, and those that are kept for validation. */
  readonly photos: { readonly train: number; readonly validation: number };
  readonly availableMemoryBytes: number;
  readonly freeDiskBytes: number;
  /** Processes that train together; 1 by default. */
  readonly replicas?: number;
}

/** Puts together what a training needs. */
export function resourceNeeds(
  config: TrainingConfig,
  measured: StepMeasurement,
  { photos, availableMemoryBytes, freeDiskBytes, replicas }: Surroundings,
): ResourceNeeds {
  const stepsPerEpoch = Math.floor(photos.train / photosPerStep(config, replicas));
  const disk = diskNeeds(config, photos.train + photos.validation);
  return {
    ...measured,
    batchSize: config.batchSize,
    fixedBytes: PROCESS_BYTES + fixedStepBytes(config),
    stepsPerEpoch,
    totalSteps: Math.min(config.maxSteps || Infinity, config.epochs * stepsPerEpoch),
    availableMemoryBytes,
    preparedBytes: disk.prepared,
    checkpointBytes: disk.checkpoint,
    checkpoints: disk.checkpoints,
    freeDiskBytes,
  };
}

/** The most bytes that a training has on the disk at a time. */
export function diskBytes(
  needs: Pick<ResourceNeeds, "preparedBytes" | "checkpointBytes" | "checkpoints">,
): number {
  return needs.preparedBytes + needs.checkpoints * needs.checkpointBytes;
}

/**
 * What there is too little of, a sentence each; empty where the training fits.
 *
 * @param nameOf what its reader calls an option.
 */
export function resourceWarnings(needs: ResourceNeeds, nameOf: OptionNaming): string[] {
  const warnings: string[] = [];
  const { memoryBytes, availableMemoryBytes, freeDiskBytes } = needs;
  if (memoryBytes > 0.9 * availableMemoryBytes) {
    warnings.push(
      `A step takes ${formatBytes(memoryBytes)} of memory, and ${
        formatBytes(availableMemoryBytes)
      } ` +
        `are free: take a smaller ${nameOf("batchSize")}${fitting(needs)} or ${nameOf("size")}.`,
    );
  }
  if (diskBytes(needs) > freeDiskBytes) {
    const [needed, there] = neededAndThere(diskBytes(needs), freeDiskBytes);
    warnings.push(
      `Prepared photos and checkpoints take up to ${needed}, and ` +
        `${there} are free on the disk: free some, or keep fewer checkpoints.`,
    );
  }
  return warnings;
}

/**
 * The batch that would fit, in parentheses: from the measured step, whose part that grows with
 * the batch is what the process takes besides the weights and itself.
 */
function fitting(
  { batchSize, memoryBytes, fixedBytes, availableMemoryBytes }: ResourceNeeds,
): string {
  const perPhoto = (memoryBytes - fixedBytes) / batchSize;
  const fits = Math.floor((0.9 * availableMemoryBytes - fixedBytes) / perPhoto);
  return perPhoto > 0 && fits >= 1 && fits < batchSize ? ` (about ${fits} would fit)` : "";
}
