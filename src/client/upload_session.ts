import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { TinctError } from "../errors.ts";
import type { ListDatasetFilesResponse__Output } from "../protocol/generated/tinct/v1/list_dataset_files_response.ts";
import type { RefusedFile__Output } from "../protocol/generated/tinct/v1/refused_file.ts";
import type { UploadDatasetResponse__Output } from "../protocol/generated/tinct/v1/upload_dataset_response.ts";
import { entriesOf } from "./pages.ts";
import type { ServiceClient } from "./service_client.ts";
import { uploadInOneCall } from "./upload_call.ts";
import type { UploadFile } from "./upload_files.ts";

/** A call sends at least and at most about so much: what waits to be sent is in memory. */
const MIN_CALL_BYTES = 2 ** 20, MAX_CALL_BYTES = 64 * 2 ** 20;
/** A call is to take about so long: what is done is known only when it has ended. */
const SHORT_MS = 1000, LONG_MS = 4000;

/** How photos are uploaded. */
interface UploadSession {
  readonly dataset: string;
  readonly files: readonly UploadFile[];
  /** Whether the dataset is to be complete at the end. */
  readonly finish: boolean;
  /** Send files that the server has already, too. */
  readonly again: boolean;
  /** How often the connection may be lost without a file that arrives in between. */
  readonly retries: number;
  readonly signal: AbortSignal;
  /** Told what the server had before. */
  onFound(found: { readonly files: number; readonly sizeBytes: number }): void;
  /** Told what has arrived, or was refused, in all. */
  onProgress(done: { readonly files: number; readonly sizeBytes: number }): void;
  /** Told that all photos have arrived, and the server looks at them. */
  onFinishing(): void;
  /** Told of a file that cannot be read, a sentence; the others are sent. */
  onUnread(sentence: string): void;
  /** Told of what a person should know, a sentence. */
  onWarning(sentence: string): void;
}

/**
 * Uploads photos over several calls, so that little waits in memory and what has arrived is known; goes
 * on where it was when the connection is lost, and where an earlier upload to the dataset has ended.
 *
 * @returns one answer of all calls together.
 * @throws {TinctError} what ended it.
 */
export async function uploadAll(
  client: ServiceClient,
  session: UploadSession,
): Promise<Omit<UploadDatasetResponse__Output, "refused"> & { refused: RefusedFile__Output[] }> {
  const { dataset, files, finish, again, retries, signal } = session;
  const isThere = again ? () => false : await lookUp(client, session);
  let left = files.filter((file) => !isThere(file));
  const before = files.filter(isThere);
  session.onFound({ files: before.length, sizeBytes: bytesOf(before) });
  const done = { files: 0, sizeBytes: 0 };
  const refused: RefusedFile__Output[] = [];
  let filesReceived = 0;
  let callBytes = 4 * MIN_CALL_BYTES;
  for (let attempt = 0;;) {
    const some = firstOf(left, callBytes);
    const finishing = finish && left.length === 0;
    if (finishing) session.onFinishing();
    const startedMs = performance.now();
    try {
      const answer = await uploadInOneCall(client, {
        dataset,
        files: some,
        finish: finishing,
        signal,
        onUnread: session.onUnread,
      });
      attempt = 0;
      filesReceived += answer.filesReceived;
      refused.push(...answer.refused);
      done.files += some.length;
      done.sizeBytes += bytesOf(some);
      session.onProgress(done);
      left = left.slice(some.length);
      if (finishing || (left.length === 0 && !finish)) {
        return { ...answer, filesReceived, refused };
      }
      const tookMs = performance.now() - startedMs;
      if (tookMs < SHORT_MS) callBytes = Math.min(2 * callBytes, MAX_CALL_BYTES);
      if (tookMs > LONG_MS) callBytes = Math.max(callBytes / 2, MIN_CALL_BYTES);
    } catch (error) {
      if (signal.aborted || !isPassing(error, attempt) || attempt >= retries) throw error;
      attempt++;
      session.onWarning(`The connection was lost (${error.message}); reconnecting.`);
      await pause(Math.min(5000, 250 * 2 ** Math.min(attempt, 5)), undefined, { signal });
      const arrived = await lookUp(client, session).catch(() => () => false);
      const kept = again ? [] : some.filter(arrived);
      filesReceived += kept.length;
      done.files += kept.length;
      done.sizeBytes += bytesOf(kept);
      left = left.filter((file) => !kept.includes(file));
    }
  }
}

/** Tells which files the server has, by their names and sizes. */
async function lookUp(
  client: ServiceClient,
  { dataset, onWarning }: UploadSession,
): Promise<(file: UploadFile) => boolean> {
  try {
    const files = await entriesOf(
      0,
      (page) =>
        client.ask<ListDatasetFilesResponse__Output>((answer) =>
          client.datasets.listDatasetFiles({ dataset, ...page }, answer)
        ),
      (page) => page.files,
    );
    const sizes = new Map(files.map(({ fileName, sizeBytes }) => [fileName, sizeBytes]));
    return ({ fileName, sizeBytes }) => sizes.get(fileName) === sizeBytes;
  } catch (error) {
    const code = error instanceof TinctError ? error.code : undefined;
    if (code === "permission_denied") {
      onWarning(
        "The token lacks the scope `read`, so it cannot look up what the server has: all photos are sent.",
      );
    } else if (code !== "not_found") throw error;
    return () => false;
  }
}

/** The first files, of so many bytes together, but one at least where there is one. */
function firstOf(files: readonly UploadFile[], maxBytes: number): readonly UploadFile[] {
  let sizeBytes = 0;
  const end = files.findIndex((file) => (sizeBytes += file.sizeBytes) > maxBytes);
  return end < 0 ? files : files.slice(0, Math.max(1, end));
}

function bytesOf(files: readonly UploadFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Whether another call may go well. After a lost connection the server may be busy with its call yet. */
function isPassing(error: unknown, attempt: number): error is TinctError {
  if (!(error instanceof TinctError)) return false;
  return error.code === "unavailable" || (attempt > 0 && error.code === "failed_precondition");
}
