import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { TinctError } from "../errors.ts";

/** How a request's body is taken in. */
interface BodyRules {
  readonly maxBytes: number;
  /** How long all of it may take, in ms. */
  readonly arrivalMs: number;
  /** What to do about one that is too large, for its sentence. */
  readonly advice: string;
  /** Waits for room for bytes that are going to come. @throws {TinctError} where there is none. */
  readonly takeRoom: (bytes: number) => Promise<void>;
  /** Is told that the client may send. */
  readonly onReady: () => void;
}

/** A body whose length is not said is given room in pieces of this size. */
const ROOM_BYTES = 256 * 1024;

/**
 * Bodies whose length is not said come at this pace, all together: each may have as much as a message,
 * and only their end tells that one has more. Browsers and clients of Connect say it.
 */
const UNSAID_BYTES_PER_SECOND = 32 * 2 ** 20;

/** When the next of them may go on, by `performance.now()`. */
let paceMs = 0;

/**
 * A request's body, whole. Its length is looked at before a byte of it is taken, it is given room in the
 * budget, and while there is none the connection is not read.
 *
 * @throws {TinctError} resource_exhausted: too large, or no room; deadline_exceeded: too slow;
 *   cancelled: the client went.
 */
export async function readBody(request: IncomingMessage, rules: BodyRules): Promise<Buffer> {
  const said = request.headers["content-length"];
  if (said !== undefined) return await readSized(request, Number(said), rules);
  if (request.headers["transfer-encoding"] === undefined) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  let [sizeBytes, roomBytes] = [0, 0];
  await arrive(request, rules, (piece) => {
    sizeBytes += piece.length;
    if (sizeBytes > rules.maxBytes) throw tooLarge(`more than ${rules.maxBytes}`, rules);
    pieces.push(piece);
    if (sizeBytes <= roomBytes) return;
    const wanted = Math.max(ROOM_BYTES, sizeBytes - roomBytes);
    roomBytes += wanted;
    return roomFor(wanted, rules);
  });
  return Buffer.concat(pieces);
}

/** Takes room for more of a body whose end nobody knows, and waits for its turn to come. */
async function roomFor(bytes: number, { takeRoom }: BodyRules): Promise<void> {
  await takeRoom(bytes);
  const nowMs = performance.now();
  const waitMs = Math.max(0, paceMs - nowMs);
  paceMs = Math.max(nowMs, paceMs) + 1000 * bytes / UNSAID_BYTES_PER_SECOND;
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}

/** A body of a known length is read into its place. */
async function readSized(
  request: IncomingMessage,
  length: number,
  rules: BodyRules,
): Promise<Buffer> {
  if (length > rules.maxBytes) throw tooLarge(`${length}`, rules);
  await rules.takeRoom(length);
  const body = Buffer.allocUnsafeSlow(length);
  let at = 0;
  await arrive(request, rules, (piece) => {
    at += piece.copy(body, at);
  });
  return body;
}

/** Has a body's pieces taken, each when the one before was, up to its end. */
async function arrive(
  request: IncomingMessage,
  { arrivalMs, onReady }: BodyRules,
  take: (piece: Buffer) => void | Promise<void>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sizeBytes = 0;
  const late = setTimeout(() => {
    const message = `The request's body did not arrive completely within ${arrivalMs / 1000} s: ` +
      `${sizeBytes} bytes came; send it again.`;
    reject(new TinctError("deadline_exceeded", message));
  }, arrivalMs);
  const onData = (piece: Buffer) => {
    sizeBytes += piece.length;
    try {
      const taking = take(piece);
      if (taking === undefined) return;
      request.pause();
      taking.then(() => request.resume(), reject);
    } catch (error) {
      reject(error);
    }
  };
  const onGone = () => reject(new TinctError("cancelled", "The client gave up the call."));
  request.on("data", onData).once("end", resolve).once("close", onGone).once("error", onGone);
  onReady();
  try {
    await promise;
  } finally {
    clearTimeout(late);
    request.off("data", onData).off("end", resolve).off("close", onGone).off("error", onGone);
    request.pause();
  }
}

function tooLarge(bytes: string, { maxBytes, advice }: BodyRules): TinctError {
  return new TinctError(
    "resource_exhausted",
    `The request's body has ${bytes} bytes, and the limit is ${maxBytes} (--max-receive-mib): ` +
      `${advice}.`,
    { kind: "MESSAGE_TOO_LARGE", retryDelayMs: Infinity },
  );
}
