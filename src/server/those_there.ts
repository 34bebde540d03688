import { TinctError } from "../errors.ts";

/**
 * The entries of a list that are there still: one that was deleted after its name was read is passed
 * over, as if the list had been asked for a moment later.
 *
 * @throws what any entry fails with but not_found.
 */
export async function thoseThere<T>(entries: readonly Promise<T>[]): Promise<T[]> {
  const found = await Promise.allSettled(entries);
  return found.flatMap((entry) => {
    if (entry.status === "fulfilled") return [entry.value];
    const { reason } = entry;
    if (reason instanceof TinctError && reason.code === "not_found") return [];
    throw reason;
  });
}
