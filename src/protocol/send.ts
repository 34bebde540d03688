import type { EventEmitter } from "node:events";
import { TinctError } from "../errors.ts";
import { Outlet } from "./outlet.ts";

/** The writing side of any call that streams. */
export interface MessageSink<T> extends EventEmitter {
  write(message: T, done?: (error?: Error | null) => void): boolean;
  readonly destroyed: boolean;
}

/** With more than this on its way to a client, a sender waits: 256 KiB. */
export const MAX_PENDING_BYTES = 256 * 1024;

/** What tells that nothing will be written any more. */
const ENDINGS = ["close", "cancelled", "error"] as const;

/** The outlets of the calls that were sent to; null where nothing can be measured. */
const outlets = new WeakMap<object, Outlet | null>();

/**
 * Writes a message to a call and waits until it is handed over and no more than `MAX_PENDING_BYTES`
 * are on their way: whoever awaits each send holds little in memory, however slow the reader is. One
 * sender a call at a time.
 *
 * That holds for a server whose address was opened by `listenTapped`. On other calls it waits for
 * "drain", which Deno up to 2.9.3 does not hold back (denoland/deno#36044): there, bound what may be
 * sent without an answer.
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
  let outlet = outlets.get(call);
  if (outlet === undefined) outlets.set(call, outlet = Outlet.of(call) ?? null);
  let handedOver = false;
  let failure: { readonly cause: unknown } | undefined;
  let wake = () => {};
  const woken = () => wake();
  const end = (cause?: unknown) => {
    failure ??= { cause };
    wake();
  };
  for (const event of ENDINGS) call.on(event, end);
  signal?.addEventListener("abort", woken);
  if (outlet) outlet.onSent = woken;
  try {
    call.write(message, (error) => {
      if (error) return end(error);
      handedOver = true;
      wake();
    });
    while (!handedOver || (outlet?.pendingBytes ?? 0) > MAX_PENDING_BYTES) {
      await new Promise<void>((resolve) => wake = resolve);
      signal?.throwIfAborted();
      if (failure) throw ended(failure.cause);
    }
  } finally {
    for (const event of ENDINGS) call.off(event, end);
    signal?.removeEventListener("abort", woken);
    if (outlet) outlet.onSent = () => {};
  }
}

function ended(cause?: unknown): TinctError {
  return new TinctError("cancelled", "The call ended before the message was sent.", { cause });
}
