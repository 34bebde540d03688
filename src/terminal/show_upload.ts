import { performance } from "node:perf_hooks";
import { stderr } from "./output/standard_streams.ts";
import { Progress } from "./progress.ts";

/** Shows how far an upload has come, on stderr, from its first bytes on. */
export async function showUpload<T>(
  upload: (onProgress: (doneBytes: number, sizeBytes: number) => void) => Promise<T>,
): Promise<T> {
  let progress: Progress | undefined;
  try {
    const answer = await upload((doneBytes, sizeBytes) => {
      progress ??= new Progress({
        label: "Uploading",
        total: sizeBytes,
        unit: "bytes",
        sink: stderr,
        now: () => performance.now(),
      });
      progress.update(doneBytes);
    });
    progress?.finish();
    return answer;
  } finally {
    progress?.[Symbol.dispose]();
  }
}
