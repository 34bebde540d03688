import { Buffer } from "node:buffer";
import { OpenFile } from "../files/open_file.ts";
import type { UploadWeightsRequest } from "../protocol/generated/tinct/v1/upload_weights_request.ts";
import type { UploadWeightsResponse__Output } from "../protocol/generated/tinct/v1/upload_weights_response.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";
import type { ServiceClient } from "./service_client.ts";
import { streamedCall } from "./streamed_call.ts";

/** A file of weights on its way to a server. */
interface WeightsUpload {
  /** What the server is to call it; where that tells what is in it, by its SHA-256 in hexadecimal digits. */
  readonly name: string | ((sha256: string) => string);
  readonly path: string;
  readonly signal: AbortSignal;
  /** Done before anything is sent, where something is to be; by default nothing. */
  readonly beforeSending?: (() => Promise<void>) | undefined;
  /** Told how many of the file's bytes were sent, or were there before. */
  readonly onProgress: (doneBytes: number, sizeBytes: number) => void;
}

/**
 * Sends a file of weights; goes on where an earlier call has ended.
 *
 * @returns the server's answer.
 * @throws {TinctError} what ended it; the signal's reason.
 */
export async function uploadWeights(
  client: ServiceClient,
  { name: wanted, path, signal, beforeSending, onProgress }: WeightsUpload,
): Promise<UploadWeightsResponse__Output> {
  await using file = await OpenFile.open(path);
  const { sha256, sizeBytes } = await file.digest({ signal });
  const name = typeof wanted === "string" ? wanted : wanted(sha256);
  const start = { name, sizeBytes, sha256: Buffer.from(sha256, "hex") };
  const call = (write: (put: (request: UploadWeightsRequest) => Promise<void>) => Promise<void>) =>
    streamedCall<UploadWeightsRequest, UploadWeightsResponse__Output>(
      client,
      (back) => client.weights.uploadWeights(back),
      write,
      {
        signal,
        ifCut: "What has arrived is kept; once the server is back, the same upload goes on there.",
      },
    );
  // Without data it only tells what has arrived, also a token that may train and not look.
  const asked = await call((put) => put({ start }));
  if (asked.weights?.state !== "WEIGHTS_STATE_UPLOADING") return asked;
  await beforeSending?.();
  const there = asked.weights.sizeBytes;
  const offset = there <= sizeBytes ? there : 0;
  return await call(async (put) => {
    await put({ start: { ...start, offset } });
    for (let at = offset; at < sizeBytes;) {
      const data = Buffer.alloc(Math.min(MAX_PIECE_BYTES, sizeBytes - at)); // it may wait to be sent
      await file.read(data, at, signal);
      await put({ data });
      at += data.length;
      onProgress(at, sizeBytes);
    }
  });
}
