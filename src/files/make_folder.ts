import { mkdir } from "node:fs/promises";
import { TinctError } from "../errors.ts";
import { makingReason } from "./file_errors.ts";

/**
 * Makes a folder, and those above it, where they are missing.
 *
 * @param path as the person named it.
 * @throws {TinctError} failed_precondition where it cannot be made, or is something else.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `The folder ${path} cannot be created (${makingReason(cause)}): give another one.`,
      { cause },
    );
  }
}

/**
 * As `makeFolder`, for a folder that a program names itself.
 *
 * @throws the system's errors as they are.
 */
export async function ensureFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
}
