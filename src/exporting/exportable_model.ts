import type { TrainingConfig } from "../config/training.ts";
import {
  configOf,
  type OpenedGenerator,
  openGenerator,
  type OpenGeneratorOptions,
} from "../inference/open_generator.ts";

/** A model that is open for its export. Owns the open file. */
export interface ExportableModel extends OpenedGenerator {
  /** How it was trained; undefined for a bare file. */
  readonly options: TrainingConfig | undefined;
  /** The size of its largest tensor: so much of it is in memory at a time. */
  readonly largestBytes: number;
}

/**
 * Opens a model for its export.
 *
 * @param path as for `loadColorizer`.
 * @returns the model; the caller disposes of it.
 * @throws {TinctError} what `openGenerator` throws.
 */
export async function openExportable(
  path: string,
  options: OpenGeneratorOptions = {},
): Promise<ExportableModel> {
  const opened = await openGenerator(path, options);
  const { info, file: { tensors } } = opened;
  return {
    ...opened,
    options: info && configOf(info),
    largestBytes: tensors.reduce((most, { sizeBytes }) => Math.max(most, sizeBytes), 0),
  };
}
