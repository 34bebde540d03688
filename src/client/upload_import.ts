import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { OpenFile } from "../files/open_file.ts";
import type { ImportFile } from "../protocol/generated/tinct/v1/import_file.ts";
import type { ImportModelRequest } from "../protocol/generated/tinct/v1/import_model_request.ts";
import type { ImportModelResponse__Output } from "../protocol/generated/tinct/v1/import_model_response.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";
import type { ServiceClient } from "./service_client.ts";
import { streamedCall } from "./streamed_call.ts";

/** A network on its way to a server. */
interface Import {
  readonly name: string;
  readonly description: string;
  /** By name or as JSON; "": the server guesses. */
  readonly profile: string;
  /** The network's file, then those of its constants. */
  readonly paths: readonly string[];
  readonly signal: AbortSignal;
  /** Told how many of the bytes were sent. */
  readonly onProgress: (doneBytes: number, sizeBytes: number) => void;
}

/**
 * Sends a network, which the server makes a version of a model.
 *
 * @returns the server's answer.
 * @throws {TinctError} what ended it; the signal's reason.
 */
export async function uploadImport(
  client: ServiceClient,
  { name, description, profile, paths, signal, onProgress }: Import,
): Promise<ImportModelResponse__Output> {
  await using opened = new AsyncDisposableStack();
  const files: { readonly file: OpenFile; readonly facts: ImportFile }[] = [];
  for (const path of paths) {
    const file = opened.use(await OpenFile.open(path));
    const { sha256, sizeBytes } = await file.digest({ signal });
    const facts = { name: basename(path), sizeBytes, sha256: Buffer.from(sha256, "hex") };
    files.push({ file, facts });
  }
  const total = files.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  return await streamedCall(
    client,
    (back) => client.models.importModel(back),
    async (put: (request: ImportModelRequest) => Promise<void>) => {
      const announced = files.map(({ facts }) => facts);
      await put({ start: { name, description, profile, files: announced } });
      let done = 0;
      for (const { file } of files) {
        const { sizeBytes } = file;
        for (let at = 0; at < sizeBytes; at += MAX_PIECE_BYTES) {
          signal.throwIfAborted();
          const data = Buffer.alloc(Math.min(MAX_PIECE_BYTES, sizeBytes - at));
          await file.read(data, at, signal);
          await put({ data });
          onProgress(done += data.length, total);
        }
      }
    },
    {
      signal,
      ifCut: "Nothing of the import is kept; once the server is back, import the network again.",
    },
  );
}
