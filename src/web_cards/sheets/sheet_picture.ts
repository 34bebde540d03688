import { stream } from "../../web_parts/contract/calls.ts";
import type { JobEvent } from "../../web_parts/contract/messages.ts";
import { pictureUrl } from "../../web_parts/parts/picture_url.ts";

/** Pictures by their event, so that a slider that goes back asks no one. */
const pictures = new Map<string, Promise<string>>();

/** The picture of a sample sheet, as an address of this page. */
export function sheetPicture(jobId: string, sequence: number): Promise<string> {
  const key = `${jobId} ${sequence}`;
  const known = pictures.get(key);
  if (known) return known;
  const picture = fetchPicture(jobId, sequence);
  picture.catch(() => pictures.delete(key));
  pictures.set(key, picture);
  return picture;
}

async function fetchPicture(jobId: string, sequence: number): Promise<string> {
  const ending = new AbortController();
  const request = { jobId, fromSequence: sequence, kinds: ["EVENT_KIND_SAMPLE"] };
  try {
    for await (
      const event of stream<JobEvent>("ColorizationService/StreamMetrics", request, ending.signal)
    ) {
      if (event.sample?.image) return pictureUrl(event.sample.image, event.sample.format);
      if (event.sample) break;
    }
  } finally {
    ending.abort();
  }
  throw new Error("The sheet's file is gone.");
}
