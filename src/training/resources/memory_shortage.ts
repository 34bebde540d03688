import type { OptionNaming } from "../../config/option.ts";
import type { TrainingConfig } from "../../config/training.ts";
import { formatBytes } from "../../words.ts";
import { batchThatFits, fixedStepBytes, stepBytesPerPhoto } from "./step_memory.ts";

/** What a training may have. */
export interface MemoryThere {
  /** What a process could have besides what it has, in bytes. */
  readonly availableBytes: number;
  /** The limit of the container around it; undefined where there is none. */
  readonly limitBytes: number | undefined;
}

/**
 * Why a step would not fit into the memory, before it is tried: Linux ends a process that takes too
 * much without a word. What may just fit is not spoken against; the estimate is right within a factor
 * of two.
 *
 * @param nameOf what its reader calls an option.
 * @returns a sentence; undefined where it may fit.
 */
export function memoryShortage(
  config: TrainingConfig,
  there: MemoryThere,
  nameOf: OptionNaming,
): string | undefined {
  const least = fixedStepBytes(config) + config.batchSize * stepBytesPerPhoto(config) / 2;
  return least <= there.availableBytes ? undefined : shortageSentence(config, there, nameOf);
}

/** Says that a step does not fit, and what would. */
export function shortageSentence(
  config: TrainingConfig,
  { availableBytes, limitBytes }: MemoryThere,
  nameOf: OptionNaming,
): string {
  const { batchSize, size, ngf } = config;
  const limit = limitBytes === undefined
    ? ""
    : ` of the container's limit of ${formatBytes(limitBytes)}`;
  const fits = batchThatFits(config, availableBytes);
  const smaller = `a smaller ${nameOf("size")} or ${nameOf("ngf")}`;
  return `There is too little memory for a training step with ${
    nameOf("batchSize")
  } ${batchSize}, ` +
    `${nameOf("size")} ${size} and ${nameOf("ngf")} ${ngf}: ${formatBytes(availableBytes)}` +
    `${limit} are free. ` +
    (fits === 0
      ? `Not even one photo per step would fit: take ${smaller}.`
      : `About ${nameOf("batchSize")} ${fits} should fit; or take ${smaller}.`);
}
