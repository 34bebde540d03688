import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { onAbort } from "../abort.ts";
import { messageOf, TinctError } from "../errors.ts";
import type { UploadDatasetResponse__Output } from "../protocol/generated/tinct/v1/upload_dataset_response.ts";
import { piecesOf } from "../protocol/pieces.ts";
import { send } from "../protocol/send.ts";
import type { ServiceClient } from "./service_client.ts";
import type { UploadFile } from "./upload_files.ts";

/** What one call sends. */
interface UploadCall {
  readonly dataset: string;
  readonly files: readonly UploadFile[];
  /** Whether the dataset is complete with them. */
  readonly finish: boolean;
  readonly signal: AbortSignal;
  /** Told of a file that cannot be read; the others are sent. */
  readonly onUnread: (sentence: string) => void;
}

/**
 * Sends files to a dataset, each with its SHA-256.
 *
 * @returns the server's answer: what it kept and what it refused.
 * @throws {TinctError} what ended the call; the signal's reason.
 */
export async function uploadInOneCall(
  client: ServiceClient,
  { dataset, files, finish, signal, onUnread }: UploadCall,
): Promise<UploadDatasetResponse__Output> {
  const answered = Promise.withResolvers<UploadDatasetResponse__Output>();
  answered.promise.catch(() => {}); // told below, when what was being sent has failed as well
  const call = client.datasets.uploadDataset((error, response) => {
    if (response !== undefined && !error) answered.resolve(response);
    else answered.resolve(client.explain(error).then((known) => Promise.reject(known)));
  });
  using _cancelling = onAbort(signal, () => call.cancel());
  try {
    await send(call, { start: { dataset } }, { signal });
    for (const { fileName, path } of files) {
      let file: Buffer;
      try {
        file = await readFile(path);
      } catch (error) {
        onUnread(`${path} cannot be read: ${messageOf(error)}.`);
        continue;
      }
      let head: object = { fileName, sizeBytes: file.length, sha256: sha256Of(file) };
      for (const piece of piecesOf(file)) {
        await send(call, { piece: { ...head, ...piece } }, { signal });
        head = {};
      }
    }
    if (finish) await send(call, { finish: {} }, { signal });
    call.end();
    return await answered.promise;
  } catch (error) {
    signal.throwIfAborted();
    // That a call ended while something was sent says less than why it ended.
    if (error instanceof TinctError && error.code === "cancelled") return await answered.promise;
    throw error;
  } finally {
    call.cancel();
  }
}

function sha256Of(file: Uint8Array): Buffer {
  return createHash("sha256").update(file).digest();
}
