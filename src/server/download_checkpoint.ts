import { join } from "node:path";
import { openSentFiles } from "../checkpoints/sent_files.ts";
import { findCheckpoint } from "../colorizing/model_finder.ts";
import { choiceOf } from "../colorizing/model_reference.ts";
import type { DownloadCheckpointRequest__Output } from "../protocol/generated/tinct/v1/download_checkpoint_request.ts";
import type { DownloadCheckpointResponse } from "../protocol/generated/tinct/v1/download_checkpoint_response.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";
import type { CallScope } from "../calls/call_scope.ts";
import type { Download } from "../web_door/serve_download.ts";
import type { ServerContext } from "./context.ts";

/** Sends the files of a checkpoint at the client's pace, a piece in memory at a time. */
export async function* downloadCheckpoint(
  { store, dataFolder }: ServerContext,
  { checkpoint: reference }: DownloadCheckpointRequest__Output,
  { signal, fields }: CallScope,
): AsyncGenerator<DownloadCheckpointResponse, void, undefined> {
  if (reference === null) throw new TypeError("The request was checked to have a checkpoint.");
  const { jobId } = reference;
  fields["jobId"] = jobId;
  const checkpoint = choiceOf(reference);
  const { path, step } = await findCheckpoint(store, dataFolder, { jobId, checkpoint });
  await using owner = new AsyncDisposableStack();
  const sent = await openSentFiles(join(dataFolder, path), owner);
  let told = { files: sent.map(({ pieces: _, ...file }) => file), step };
  for (const { pieces } of sent) {
    for await (const data of pieces(MAX_PIECE_BYTES)) {
      signal.throwIfAborted();
      yield { ...told, data };
      told = { files: [], step: 0 };
    }
  }
}

/** A checkpoint as a file for browsers: "/checkpoints/JOB/STEP". */
export const checkpointDownload: Download = {
  pattern: /^\/checkpoints\/(job-[\w-]{1,100})\/(\d{1,15})$/,
  method: "/tinct.v1.TrainingJobService/DownloadCheckpoint",
  requestOf: ([, jobId = "", step = ""]) => ({
    checkpoint: { jobId, checkpoint: "step", step: Number(step) },
  }),
  nameOf: ([, jobId, step]) => `${jobId}-step-${step}`,
};
