import { fstatSync } from "node:fs";
import { setTimeout as passed } from "node:timers/promises";
import { format } from "node:util";
import { onAbort } from "../../abort.ts";
import { TextStream, type TextTarget } from "./text_stream.ts";
import { shownLines } from "../../shown.ts";

/** What may wait for a reader of stderr, in bytes. */
const MAX_TOLD_BYTES = 256 * 1024;

/** After so long a pipe that another process has made non-blocking is tried again. */
const RETRY_MS = 20;

/** One of the process's standard streams. */
class StandardStream {
  readonly #stream: TextStream;
  readonly #keeps: boolean;

  /** @param keeps whether all text waits for its reader; else what nobody reads in time is lost. */
  constructor(stream: TextStream, keeps: boolean) {
    this.#stream = stream;
    this.#keeps = keeps;
  }

  /** Whether it is a terminal. */
  get isTTY(): boolean {
    return this.#stream.isTTY;
  }

  /** How many characters a line of the terminal holds; read anew each time. */
  get columns(): number | undefined {
    return this.#stream.columns;
  }

  /** What carries the text. */
  get stream(): TextStream {
    return this.#stream;
  }

  /** Writes text. Never throws and never waits. */
  write(text: string): void {
    this.#stream.write(text, { keep: this.#keeps });
  }

  /** Waits until nothing waits any more, or the signal is aborted. */
  async written(signal: AbortSignal): Promise<void> {
    if (this.#stream.isIdle || signal.aborted) return;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    using _listening = onAbort(signal, () => resolve());
    await Promise.race([this.#stream.written(), aborted]);
  }
}

const errors = new TextStream(targetOf(Deno.stderr, 2), { maxWaitingBytes: MAX_TOLD_BYTES });
// What goes to one pipe must go there in order.
const results = isSamePipe()
  ? errors
  : new TextStream(targetOf(Deno.stdout, 1), { maxWaitingBytes: MAX_TOLD_BYTES });

/** For messages, progress, warnings. */
export const stderr: StandardStream = new StandardStream(errors, false);

/** For results. */
export const stdout: StandardStream = new StandardStream(results, true);

/**
 * Has the console write to these streams: Deno's own throws where stdout is full, and holds the
 * process for as long as nobody reads a pipe. What could drive a terminal is escaped; line breaks are
 * those of texts of several lines, and a name goes into a text through `shown`.
 */
export function routeConsole(): void {
  const to = (stream: StandardStream) => (...values: unknown[]) =>
    stream.write(`${shownLines(format(...values))}\n`);
  for (const name of ["log", "info", "debug"] as const) console[name] = to(stdout);
  for (const name of ["error", "warn"] as const) console[name] = to(stderr);
}

/** Waits until both have written what they hold, at most so long. */
export async function allWritten(timeoutMs: number): Promise<boolean> {
  const given = new AbortController();
  const { signal } = given;
  const late = passed(timeoutMs, undefined, { signal }).catch(() => {}); // in time
  await Promise.race([Promise.all([errors.written(), results.written()]), late]);
  given.abort();
  return errors.isIdle && results.isIdle;
}

type DenoStream = typeof Deno.stdout | typeof Deno.stderr;

/** Pipes and sockets are written to on another thread: their reader may take any time. */
function targetOf(stream: DenoStream, fd: number): TextTarget {
  const isTTY = stream.isTerminal();
  const isSlow = !isTTY && canBeSlow(fd);
  return {
    isTTY,
    get columns() {
      return isTTY ? columnsOf() : undefined;
    },
    write: isSlow ? (bytes) => patiently(stream, bytes) : (bytes) => stream.writeSync(bytes),
  };
}

function canBeSlow(fd: number): boolean {
  const status = statusOf(fd);
  return status !== undefined && (status.isFIFO() || status.isSocket());
}

function isSamePipe(): boolean {
  const [one, other] = [statusOf(1), statusOf(2)];
  return canBeSlow(1) && one?.dev === other?.dev && one?.ino === other?.ino;
}

function statusOf(fd: number) {
  try {
    return fstatSync(fd);
  } catch {
    return undefined; // the program's starter closed it: writing will tell
  }
}

function columnsOf(): number | undefined {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return undefined; // the terminal is gone, or is another one than stdin's
  }
}

async function patiently(stream: DenoStream, bytes: Uint8Array): Promise<number> {
  while (true) {
    try {
      return await stream.write(bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await passed(RETRY_MS);
    }
  }
}
