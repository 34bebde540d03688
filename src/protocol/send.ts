import type { EventEmitter } from "node:events";
import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";
import { checkOutgoing } from "./outgoing.ts";
import { Outlet } from "./outlet.ts";

/** The writing side of any call that streams. */
export interface MessageSink<T> extends EventEmitter {
  write(message: T, done?: (error?: Error | null) => void): boolean;
  readonly destroyed: boolean;
}

/** With more than this on its way to a client, a sender waits: 256 KiB. */
const MAX_PENDING_BYTES = 256 * 1024;

/** What tells that nothing will be written any more. */
const ENDINGS = ["close", "cancelled", "error"] as const;

/** Of the calls that were sent to. */
const sendings = new WeakMap<object, Sending>();

/**
 * Writes a message to a call and waits until it is handed over and no more than `MAX_PENDING_BYTES`
 * are on their way: code that awaits each send holds little in memory, however slow the reader is. One
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
  let sending = sendings.get(call);
  if (sending === undefined) sendings.set(call, sending = new Sending(call));
  await sending.handOver((done) => call.write(message, done), signal, maxStallMs);
}

/**
 * What a call's messages are sent by, one after the other. It listens and waits for all of them: with
 * hundreds of watchers, whatever was made for each message would be most of a server's garbage.
 */
class Sending {
  /** Undefined where nothing can be measured. */
  readonly #outlet: Outlet | undefined;
  readonly #woken = () => this.#wake?.();
  #wake: (() => void) | undefined;
  #failure: TinctError | undefined;
  #signal: AbortSignal | undefined;
  #listening: Disposable | undefined;
  #stall: ReturnType<typeof setTimeout> | undefined;

  constructor(call: MessageSink<never>) {
    this.#outlet = Outlet.of(call);
    if (this.#outlet) {
      this.#outlet.onSent = () => {
        this.#stall?.refresh();
        this.#woken();
      };
    }
    const end = (cause?: unknown) => {
      this.#fail(ended(cause));
      this.#listening?.[Symbol.dispose]();
      clearTimeout(this.#stall);
    };
    for (const event of ENDINGS) call.on(event, end);
  }

  /** Writes a message, and waits until it is handed over and little is on its way. */
  async handOver(
    write: (done: (error?: Error | null) => void) => void,
    signal: AbortSignal | undefined,
    maxStallMs: number | undefined,
  ): Promise<void> {
    this.#listenTo(signal);
    let handedOver = false;
    if (this.#outlet && maxStallMs !== undefined) this.#watchStall(this.#outlet, maxStallMs);
    write((error) => {
      if (error) return this.#fail(ended(error));
      handedOver = true;
      this.#woken();
    });
    try {
      while (!handedOver || (this.#outlet?.pendingBytes ?? 0) > MAX_PENDING_BYTES) {
        if (this.#failure) throw this.#failure;
        signal?.throwIfAborted();
        await new Promise<void>((resolve) => this.#wake = resolve);
        if (this.#failure) throw this.#failure;
        signal?.throwIfAborted();
      }
    } finally {
      this.#wake = undefined;
    }
  }

  #fail(error: TinctError): void {
    this.#failure ??= error;
    this.#woken();
  }

  /** Calls have one signal, as a rule. */
  #listenTo(signal: AbortSignal | undefined): void {
    if (signal === this.#signal) return;
    this.#listening?.[Symbol.dispose]();
    this.#listening = onAbort(signal, this.#woken);
    this.#signal = signal;
  }

  /** Counts the time anew; while nothing waits to be sent it may pass. */
  #watchStall(outlet: Outlet, maxStallMs: number): void {
    if (this.#stall !== undefined) return void this.#stall.refresh();
    this.#stall = setTimeout(() => {
      if (this.#wake === undefined) return;
      this.#fail(stalled(maxStallMs));
      outlet.cut();
    }, maxStallMs);
    this.#stall.unref();
  }
}

function ended(cause?: unknown): TinctError {
  return new TinctError("cancelled", "The call ended before the message was sent.", { cause });
}

/** What a client is told whose connection took nothing for too long. */
export function stalled(maxStallMs: number): TinctError {
  return new TinctError(
    "resource_exhausted",
    `The client took nothing for ${
      maxStallMs / 1000
    } s of what waited for it; call again and read.`,
  );
}
