import type { EventEmitter } from "node:events";
import { TinctError } from "../errors.ts";

/** The writing side of any call that streams. */
export interface MessageSink<T> extends EventEmitter {
  write(message: T): boolean;
  readonly destroyed: boolean;
}

/** What tells that nothing will be written any more. */
const ENDINGS = ["close", "cancelled", "error"] as const;

/**
 * Writes a message to a call and waits while the other side does not read: whoever awaits each send
 * holds a few messages in memory, however slow the reader is.
 *
 * @param options `signal` ends the waiting with its reason; the message may still arrive.
 * @throws {TinctError} cancelled, where the call ended first.
 */
export async function send<T>(
  call: MessageSink<T>,
  message: T,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  signal?.throwIfAborted();
  if (call.destroyed) throw ended();
  if (call.write(message)) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = (error?: unknown) => reject(ended(error));
  const abort = () => reject(signal?.reason);
  call.once("drain", resolve);
  for (const event of ENDINGS) call.once(event, end);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await promise;
  } finally {
    call.off("drain", resolve);
    for (const event of ENDINGS) call.off(event, end);
    signal?.removeEventListener("abort", abort);
  }
}

function ended(cause?: unknown): TinctError {
  return new TinctError("cancelled", "The call ended before the message was sent.", { cause });
}
