import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** Of the longest names that there are, so many make a path of half the length that systems take. */
const HALF = Array.from({ length: 10 }, () => "d".repeat(250));

/**
 * Makes a folder below another one that nobody can list, the administrator included: its path is
 * longer than paths may be.
 *
 * @returns makes it short again, so that it can be removed.
 */
export async function makeUnlistable(
  folder: TemporaryFolder,
  name: string,
): Promise<AsyncDisposable> {
  const above = folder.join(name, ...HALF);
  await mkdir(above, { recursive: true });
  await mkdir(folder.join("half", ...HALF), { recursive: true });
  const [half, moved] = [folder.join("half"), join(above, "half")];
  await rename(half, moved);
  return { [Symbol.asyncDispose]: () => rename(moved, half) };
}
