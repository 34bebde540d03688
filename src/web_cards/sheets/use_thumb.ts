import { useEffect, useState } from "preact/hooks";
import { stream } from "../../web_parts/contract/calls.ts";
import type { Job, JobEvent, Sample } from "../../web_parts/contract/messages.ts";
import { pictureUrl } from "../../web_parts/parts/picture_url.ts";
import { num, stateWord } from "../../web_parts/words.ts";

/** Pixels of a thumbnail's sheet. */
const PIXELS = 200_000;

/** A sheet's picture, as an address of this page, and what is known of it. */
export interface FoundSheet {
  readonly url: string;
  readonly sample: Sample;
}

const known = new Map<string, FoundSheet>();

/** The newest sample sheet of a job, small; asked for once. */
export function useThumb(job: Job): FoundSheet | undefined {
  const [sheet, setSheet] = useState(known.get(job.jobId));
  const isWanted = num(job.progress?.step) > 0 && stateWord(job.state) !== "QUEUED";
  useEffect(() => {
    if (!isWanted || known.has(job.jobId)) return;
    const ending = new AbortController();
    void sheetOf(job.jobId, ending.signal, { pixels: PIXELS }).then((found) => {
      if (found === undefined) return;
      known.set(job.jobId, found);
      setSheet(found);
    }, () => {});
    return () => ending.abort();
  }, [job.jobId, isWanted]);
  return sheet;
}

/**
 * The newest sample sheet of a job, or of its first steps; undefined: there is none. Its address is the
 * caller's to revoke.
 */
export async function sheetOf(
  jobId: string,
  signal: AbortSignal,
  { pixels, upTo = Infinity }: { readonly pixels: number; readonly upTo?: number },
): Promise<FoundSheet | undefined> {
  const kinds = ["EVENT_KIND_SAMPLE", "EVENT_KIND_LOSSES"];
  let sequence = 0;
  const request = { jobId, kinds, maxLossPoints: 10, omitImages: true };
  for await (
    const event of stream<JobEvent>("ColorizationService/StreamMetrics", request, signal)
  ) {
    if (event.sample && num(event.sample.step) <= upTo) sequence = num(event.sequence);
    if (event.losses || event.state?.to?.match(/SUCCEEDED|FAILED|CANCELLED/)) break;
    if (event.history && sequence > 0 && upTo === Infinity) break;
    // All that is stored has come where the sample of the step did, or the server has nothing to say.
    const isSilent = num(event.sequence) === 0 && !event.history;
    if (num(event.sample?.step) >= upTo || (isSilent && upTo < Infinity)) break;
  }
  if (sequence === 0) return undefined;
  const one = {
    jobId,
    kinds: ["EVENT_KIND_SAMPLE"],
    fromSequence: sequence,
    maxImagePixels: pixels,
  };
  for await (
    const { sample } of stream<JobEvent>("ColorizationService/StreamMetrics", one, signal)
  ) {
    if (!sample) continue;
    const { image, ...rest } = sample;
    return image ? { url: pictureUrl(image, sample.format), sample: rest } : undefined;
  }
  return undefined;
}
