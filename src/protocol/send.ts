import type { EventEmitter } from "node:events";
import { TinctError } from "../errors.ts";
import { checkOutgoing } from "./outgoing.ts";
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
 * @param options `signal` ends the waiting with its reason; the message may still arrive. `maxStallMs`:
 *   a client that takes nothing for so long of what waits for it loses the call, see `Outlet.cut`.
 * @throws {TinctError} cancelled, where the call ended first; resource_exhausted, where it was cut.
 * @throws what `checkOutgoing` finds wrong with a server's message; then nothing was written.
 */
export async function send<T>(
  call: MessageSink<T>,
  message: T,
  { signal, maxStallMs }: {
    readonly signal?: AbortSignal | undefined;
    readonly maxStallMs?: number | undefined;
  } = {},
): Promise<void> {
  signal?.throwIfAborted();
  if (call.destroyed) throw ended();
  checkOutgoing(call, message);
  let outlet = outlets.get(call);
  if (outlet === undefined) outlets.set(call, outlet = Outlet.of(call) ?? null);
  let handedOver = false;
  let failure: TinctError | undefined;
  let wake = () => {};
  const woken = () => wake();
  const sent = () => {
    stall?.refresh();
    wake();
  };
  const fail = (error: TinctError) => {
    failure ??= error;
    wake();
  };
  const end = (cause?: unknown) => fail(ended(cause));
  const stall = outlet && maxStallMs !== undefined
    ? setTimeout(() => {
      fail(stalled(maxStallMs));
      outlet.cut();
    }, maxStallMs)
    : undefined;
  for (const event of ENDINGS) call.on(event, end);
  signal?.addEventListener("abort", woken);
  if (outlet) outlet.onSent = sent;
  try {
    call.write(message, (error) => {
      if (error) return end(error);
      handedOver = true;
      wake();
    });
    while (!handedOver || (outlet?.pendingBytes ?? 0) > MAX_PENDING_BYTES) {
      await new Promise<void>((resolve) => wake = resolve);
      if (failure) throw failure;
      signal?.throwIfAborted();
    }
  } finally {
    clearTimeout(stall);
    for (const event of ENDINGS) call.off(event, end);
    signal?.removeEventListener("abort", woken);
    if (outlet) outlet.onSent = () => {};
  }
}

function ended(cause?: unknown): TinctError {
  return new TinctError("cancelled", "The call ended before the message was sent.", { cause });
}

function stalled(maxStallMs: number): TinctError {
  return new TinctError(
    "resource_exhausted",
    `The client took nothing for ${
      maxStallMs / 1000
    } s of what waited for it; call again and read.`,
  );
}
