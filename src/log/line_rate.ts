import type { LogLine } from "./log_line.ts";

/** The most kinds that are counted at a time; those beyond share one rate a level. */
const MAX_KINDS = 1000;

/** Lines of a kind in the present window. */
interface Kind {
  readonly beganMs: number;
  written: number;
  held: number;
  /** The newest of those that were held back. */
  last: LogLine | undefined;
  /** Ends the window; runs where something was held back. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Bounds how many lines of a kind are written: those beyond a number in a window of time are counted,
 * and the newest of them is written at the window's end, with the field `repeated`.
 */
export class LineRate implements Disposable {
  readonly #limits: { readonly windowMs: number; readonly perWindow: number };
  readonly #write: (line: LogLine) => void;
  readonly #kinds = new Map<string, Kind>();

  /** @param write writes a line. */
  constructor(
    limits: { readonly windowMs: number; readonly perWindow: number },
    write: (line: LogLine) => void,
  ) {
    this.#limits = limits;
    this.#write = write;
  }

  /** Writes the line, or counts it. */
  take(line: LogLine): void {
    const key = this.#keyOf(line);
    const kind = this.#present(key);
    if (kind.written < this.#limits.perWindow) {
      kind.written++;
      return this.#write(line);
    }
    kind.held++;
    kind.last = line;
    const leftMs = Math.max(0, kind.beganMs + this.#limits.windowMs - performance.now());
    kind.timer ??= setTimeout(() => this.#end(key), leftMs);
  }

  /** Writes what was held back. */
  [Symbol.dispose](): void {
    for (const key of [...this.#kinds.keys()]) this.#end(key);
  }

  #keyOf({ level, kind, message }: LogLine): string {
    const key = `${level} ${kind ?? message}`;
    if (this.#kinds.has(key)) return key;
    if (this.#kinds.size >= MAX_KINDS) {
      for (const [old, kind] of this.#kinds) if (this.#isOver(kind)) this.#end(old);
    }
    return this.#kinds.size < MAX_KINDS ? key : level;
  }

  #present(key: string): Kind {
    const known = this.#kinds.get(key);
    if (known && !this.#isOver(known)) return known;
    this.#end(key);
    const beganMs = performance.now();
    const made: Kind = { beganMs, written: 0, held: 0, last: undefined, timer: undefined };
    this.#kinds.set(key, made);
    return made;
  }

  #isOver({ beganMs }: Kind): boolean {
    return performance.now() - beganMs >= this.#limits.windowMs;
  }

  #end(key: string): void {
    const kind = this.#kinds.get(key);
    if (kind === undefined) return;
    clearTimeout(kind.timer);
    this.#kinds.delete(key);
    if (kind.last === undefined) return;
    this.#write({ ...kind.last, fields: { ...kind.last.fields, repeated: kind.held } });
  }
}
