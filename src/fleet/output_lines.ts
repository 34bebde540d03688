/** The most characters of a line that are kept. */
export const MAX_LINE = 4096;

/** Where a line ends, as readline has it. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

/**
 * Cuts text into lines as it comes. Of a line it holds no more than `MAX_LINE` characters, however
 * long the line becomes: what is past them is dropped, and "…" says so.
 */
export class OutputLines {
  readonly #onLine: (line: string) => void;
  #line = "";
  #isCut = false;
  /** The text so far ended in "\r": a "\n" that comes next belongs to it. */
  #endedInReturn = false;

  /** @param onLine takes each line, without its end. */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Characters that it holds, at most `MAX_LINE`. */
  get held(): number {
    return this.#line.length;
  }

  /** Takes what was written next. */
  add(text: string): void {
    const rest = this.#endedInReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.#endedInReturn = text.endsWith("\r");
    const [first = "", ...others] = rest.split(LINE_END);
    this.#hold(first);
    for (const piece of others) {
      this.#tell();
      this.#hold(piece);
    }
  }

  /** Tells the last line, which had no end. */
  end(): void {
    if (this.#line !== "") this.#tell();
  }

  #hold(piece: string): void {
    const room = MAX_LINE - this.#line.length;
    this.#isCut ||= piece.length > room;
    if (room > 0) this.#line += piece.slice(0, room);
  }

  #tell(): void {
    const line = this.#isCut ? `${this.#line.slice(0, MAX_LINE - 1)}…` : this.#line;
    this.#line = "";
    this.#isCut = false;
    this.#onLine(line);
  }
}
