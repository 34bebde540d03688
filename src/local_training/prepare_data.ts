import { isAbsolute, join, relative, sep } from "node:path";
import { performance } from "node:perf_hooks";
import { TinctError } from "../errors.ts";
import type { PrepareProgress } from "../prepared/prepare_progress.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { Progress } from "../terminal/progress.ts";

/** Shows how far preparing pictures has come, on stderr. */
export async function showPreparing(
  label: string,
  prepare: (onProgress: (progress: PrepareProgress) => void) => Promise<PreparedSet>,
): Promise<PreparedSet> {
  let progress: Progress | undefined;
  try {
    return await prepare(({ done, total }) => {
      progress ??= new Progress({
        label,
        total,
        sink: stderr,
        now: () => performance.now(),
      });
      progress.update(done);
    });
  } finally {
    progress?.[Symbol.dispose]();
  }
}

/** Where prepared pictures lie in the cache. */
export function preparedFolder(cacheFolder: string): string {
  return join(cacheFolder, "prepared");
}

/** @throws TinctError `invalid_argument` when a run's pictures would lie among the photos. */
export function refuseRunAmongPhotos(runFolder: string, photos: string): void {
  const way = relative(photos, runFolder);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) return;
  throw new TinctError(
    "invalid_argument",
    `The run in ${runFolder} would lie among the photos in ${photos}, where its pictures would be ` +
      "taken for photos: give another --out.",
  );
}
