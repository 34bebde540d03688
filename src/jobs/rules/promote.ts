import type { ModelVersion, NewModelVersion } from "../model.ts";
import { requireName } from "../names.ts";

/**
 * Promotes a checkpoint.
 *
 * @param newest the newest version of the name.
 * @returns that version, where it is this very checkpoint; undefined: the next version is to be made.
 * @throws {TinctError} invalid_argument for what is no name.
 */
export function promotedBefore(
  newest: ModelVersion | undefined,
  { name, jobId, step, path }: NewModelVersion,
): ModelVersion | undefined {
  requireName("model", name);
  const isSame = newest?.jobId === jobId && newest.step === step && newest.path === path;
  return isSame ? newest : undefined;
}
