import { Buffer } from "node:buffer";
import { TinctError } from "../errors.ts";
import { OpenFile } from "../files/open_file.ts";
import type { GetWeightsResponse__Output } from "../protocol/generated/tinct/v1/get_weights_response.ts";
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
  { name: wanted, path, signal, onProgress }: WeightsUpload,
): Promise<UploadWeightsResponse__Output> {
  await using file = await OpenFile.open(path);
  const { sha256, sizeBytes } = await file.digest({ signal });
  const name = typeof wanted === "string" ? wanted : wanted(sha256);
  const there = await arrivedBytes(client, name);
  const offset = there <= sizeBytes ? there : 0;
  return await streamedCall(
    client,
    (back) => client.weights.uploadWeights(back),
    async (put: (request: UploadWeightsRequest) => Promise<void>) => {
      await put({ start: { name, sizeBytes, sha256: Buffer.from(sha256, "hex"), offset } });
      for (let at = offset; at < sizeBytes;) {
        const data = Buffer.alloc(Math.min(MAX_PIECE_BYTES, sizeBytes - at)); // it may wait to be sent
        await file.read(data, at, signal);
        await put({ data });
        at += data.length;
        onProgress(at, sizeBytes);
      }
    },
    {
      signal,
      ifCut: "What has arrived is kept; once the server is back, the same upload goes on there.",
    },
  );
}

/** What the server has of a file that still arrives. */
async function arrivedBytes(client: ServiceClient, name: string): Promise<number> {
  try {
    const { weights } = await client.ask<GetWeightsResponse__Output>((answer) =>
      client.weights.getWeights({ name }, answer)
    );
    return weights?.state === "WEIGHTS_STATE_UPLOADING" ? weights.sizeBytes : 0;
  } catch (error) {
    const code = error instanceof TinctError ? error.code : undefined;
    // A token may be for training alone, and not for looking.
    if (code === "not_found" || code === "permission_denied") return 0;
    throw error;
  }
}
