import type { IncomingMessage, ServerResponse } from "node:http";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { TinctError } from "../errors.ts";
import { stalled } from "../protocol/send.ts";
import type { AnswerStream } from "./answer_stream.ts";

/** What every answer of a call says besides; it is data, and never a page. */
const callHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // Proxies that gather answers, as nginx does, would hold a stream back.
  "x-accel-buffering": "no",
};

/** A client that takes less than this in the time that it has is taken for one that has stopped. */
const PIECE_BYTES = 64 * 1024;

/** An answer of a call. */
export interface Answer extends UniversalServerResponse {
  /** What is written before the body, as it comes. */
  readonly stream?: AnswerStream | undefined;
}

/**
 * Writes an answer at the pace at which its client takes it.
 *
 * @param maxStallMs a client that takes nothing for so long loses its connection.
 * @throws {TinctError} resource_exhausted: it was cut for that; cancelled: it has gone.
 */
export async function writeAnswer(
  { status, header, body, stream }: Answer,
  response: ServerResponse,
  maxStallMs: number,
): Promise<void> {
  const { req: request } = response;
  const pieces = body?.[Symbol.asyncIterator]();
  try {
    response.writeHead(status, { ...Object.fromEntries(header ?? []), ...callHeaders });
    stream?.open((bytes) => write(response, bytes, maxStallMs));
    for (;;) {
      const piece = await pieces?.next();
      await stream?.written();
      if (piece === undefined || piece.done) break;
      await write(response, piece.value, maxStallMs);
    }
    // Deno cuts a connection at the end of an answer where a body is still coming, and with the answer
    // what a client has not read of it.
    if (!request.complete) await passOver(request, LINGER_MS);
    await end(response, maxStallMs);
  } catch (error) {
    // What makes the answers learns that nobody takes them.
    await pieces?.throw?.(error).catch(() => {});
    throw error;
  }
}

/** So long what is left of a body is passed over, so that its client reads why it was refused. */
const LINGER_MS = 2000;

/** Reads a body that nobody wants, to its end or for so long. */
async function passOver(request: IncomingMessage, lingerMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(resolve, lingerMs);
  request.once("end", resolve).once("close", resolve).resume();
  await promise;
  clearTimeout(late);
}

/** Writes pieces of an answer that has begun. @throws {TinctError} as `writeAnswer`. */
export async function writePieces(
  response: ServerResponse,
  pieces: readonly Uint8Array[],
  maxStallMs: number,
): Promise<void> {
  for (const piece of pieces) await write(response, piece, maxStallMs);
}

/** @returns undefined where the client has taken all of it, or the system for it. */
function write(
  response: ServerResponse,
  answer: Uint8Array,
  maxStallMs: number,
): Promise<void> | undefined {
  if (response.destroyed) return Promise.reject(gone());
  const isSmall = answer.length <= PIECE_BYTES;
  if (response.write(isSmall ? answer : answer.subarray(0, PIECE_BYTES)) && isSmall) return;
  return writeOn(response, answer.subarray(PIECE_BYTES), maxStallMs);
}

/** Waits for a client that is behind, and writes what is left of an answer. */
async function writeOn(
  response: ServerResponse,
  answer: Uint8Array,
  maxStallMs: number,
): Promise<void> {
  if (response.writableNeedDrain) await takenBy(response, "drain", maxStallMs);
  for (let at = 0; at < answer.length; at += PIECE_BYTES) {
    if (response.destroyed) throw gone();
    if (response.write(answer.subarray(at, at + PIECE_BYTES))) continue;
    await takenBy(response, "drain", maxStallMs);
  }
}

async function end(response: ServerResponse, maxStallMs: number): Promise<void> {
  if (response.destroyed) throw gone();
  const finished = takenBy(response, "finish", maxStallMs);
  response.end();
  await finished;
}

/** Waits until a client has taken what it was sent, a piece at most. */
async function takenBy(
  response: ServerResponse,
  event: "drain" | "finish",
  maxStallMs: number,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = () => reject(gone());
  const timer = setTimeout(() => {
    const error = stalled(maxStallMs);
    cuts.set(response, error);
    reject(error);
    response.destroy();
  }, maxStallMs);
  response.once(event, resolve).once("close", onClose);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    response.off(event, resolve).off("close", onClose);
  }
}

/** Why answers were cut. */
const cuts = new WeakMap<ServerResponse, TinctError>();

/** Why the server cut an answer; undefined where it did not. */
export function cutOf(response: ServerResponse): TinctError | undefined {
  return cuts.get(response);
}

function gone(): TinctError {
  return new TinctError("cancelled", "The client gave up the call.");
}
