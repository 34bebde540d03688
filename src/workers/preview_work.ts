import { Buffer } from "node:buffer";
import { join } from "node:path";
import { decodePhoto } from "../images/decode.ts";
import { encodePhoto } from "../images/encode.ts";
import { inOrder } from "../images/in_order.ts";
import { decodedBytes } from "../images/photo_cost.ts";
import { PhotoError } from "../images/photo_error.ts";
import { leadsOut } from "../images/photo_folder.ts";
import { readPhotoFile } from "../images/photo_file.ts";
import { FOLDER_WORK_BYTES, Workroom } from "../images/workroom.ts";
import { placeIn } from "../prepared/prepare_photo.ts";
import type { PhotoPreview } from "../protocol/generated/tinct/v1/photo_preview.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import { photoLimitsOf } from "../protocol/photo_limits.ts";
import type { Work } from "./server_link.ts";

/** Photos decoded at the same time; each may take a few hundred MB. */
const CONCURRENCY = 2;

/** Good enough to tell photos apart, and small. */
const QUALITY = 80;

/** Makes a small picture of each of the assignment's photos, and sends them in this order. */
export async function workOnPreviews(
  { assignment, send, onCommand, faultOf }: Work,
): Promise<Finished> {
  const { preview } = assignment;
  if (!preview) throw new TypeError("A worker to make small pictures got another assignment.");
  const stop = new AbortController();
  onCommand(({ kind }) => {
    if (kind === "stop") stop.abort();
  });
  const { signal } = stop;
  const { datasetFolder, fileNames, maxSide } = preview;
  const limits = photoLimitsOf(preview.photoLimits);
  const room = new Workroom({ memoryBytes: FOLDER_WORK_BYTES });
  const make = async (fileName: string): Promise<PhotoPreview> => {
    using place = placeIn(room, limits, decodedBytes);
    try {
      if (await leadsOut(datasetFolder, fileName)) {
        const reason = "is a link that leads out of the dataset";
        throw new PhotoError("permission_denied", fileName, reason);
      }
      const { bytes } = await readPhotoFile(join(datasetFolder, fileName), fileName);
      const wanted = { ...limits, name: fileName, fitWithin: maxSide, signal, place };
      const { width, height, rgb, alpha, shown } = await decodePhoto(bytes, wanted);
      const image = await encodePhoto({ width, height, rgb, alpha }, {
        format: "jpeg",
        quality: QUALITY,
        chroma: "4:2:0",
      });
      return { fileName, image: Buffer.from(image), ...shown };
    } catch (error) {
      if (!(error instanceof PhotoError)) throw error;
      return { fileName, fault: faultOf(error) };
    }
  };
  try {
    const pictures = inOrder(fileNames.length, (index) => make(fileNames[index]!), {
      concurrency: CONCURRENCY,
      ahead: 2 * CONCURRENCY,
      signal,
    });
    for await (const picture of pictures) send({ preview: picture });
    return { outcome: "OUTCOME_SUCCEEDED" };
  } catch (error) {
    if (signal.aborted) return { outcome: "OUTCOME_STOPPED" };
    throw error;
  }
}
