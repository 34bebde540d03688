import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf } from "../errors.ts";
import type { UploadDatasetRequest } from "../protocol/generated/tinct/v1/upload_dataset_request.ts";
import type { UploadDatasetResponse__Output } from "../protocol/generated/tinct/v1/upload_dataset_response.ts";
import { piecesOf } from "../protocol/pieces.ts";
import type { ServiceClient } from "./service_client.ts";
import { streamedCall } from "./streamed_call.ts";
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
  return await streamedCall(
    client,
    (back) => client.datasets.uploadDataset(back),
    async (put: (request: UploadDatasetRequest) => Promise<void>) => {
      await put({ start: { dataset } });
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
          await put({ piece: { ...head, ...piece } });
          head = {};
        }
      }
      if (finish) await put({ finish: {} });
    },
    { signal },
  );
}

function sha256Of(file: Uint8Array): Buffer {
  return createHash("sha256").update(file).digest();
}
