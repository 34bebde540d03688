import type { EventEmitter } from "node:events";
import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";

/** The reading side of any call that streams. */
export interface MessageSource<T> extends EventEmitter {
  read(): T | null;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
}

/**
 * Has a server's call read one message ahead of its handler; streams of objects read 16 ahead by
 * themselves, whatever their size. Node's streams have no public way to say so once they are made.
 */
export function readOneAhead(call: object): void {
  const state: unknown = Reflect.get(call, "_readableState");
  if (typeof state !== "object" || state === null || !("highWaterMark" in state)) {
    throw new TypeError("A stream has no _readableState.highWaterMark any more.");
  }
  state.highWaterMark = 1;
}

/** What wakes a reader. */
const WAKINGS = ["readable", "end", "close", "cancelled", "error"] as const;

/**
 * The messages of a call, up to the end of what the other side sends. Not reading on holds the other
 * side up, as it should.
 *
 * `for await` over the call itself looks the same, but destroys the call at its end, so that a
 * server's answer is never sent; and it does not end when the client cancels.
 *
 * @param options `signal` ends the reading with its reason.
 * @throws {TinctError} cancelled, where the call was cut; on a client, the call's ServiceError.
 */
export async function* receive<T>(
  call: MessageSource<T>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<T, void, undefined> {
  let wake = () => {};
  let failure: unknown;
  let cut = false;
  const woken = () => wake();
  const failed = (error: unknown) => failure ??= error;
  const cancelled = () => cut = true;
  call.on("error", failed).on("cancelled", cancelled);
  for (const event of WAKINGS) call.on(event, woken);
  using _listening = onAbort(signal, woken);
  try {
    while (!call.readableEnded) {
      signal?.throwIfAborted();
      if (cut) throw new TinctError("cancelled", "The other side gave up the call.");
      const awaken = new Promise<void>((resolve) => wake = resolve);
      const message = call.read();
      if (message !== null) {
        yield message;
        continue;
      }
      // Only now: what arrived before the failure has been read.
      if (failure !== undefined) throw failure;
      if (call.readableEnded) break;
      if (call.destroyed) throw new TinctError("cancelled", "The call was cut.");
      await awaken;
    }
    if (failure !== undefined) throw failure;
  } finally {
    call.off("error", failed).off("cancelled", cancelled);
    for (const event of WAKINGS) call.off(event, woken);
  }
}
