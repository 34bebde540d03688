/**
 * What moves a terminal's cursor, ends a line, or turns text around: control characters of both sets
 * (C0 with ESC and line breaks, DEL, C1), line separators, and marks of direction.
 */
const UNSHOWN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * A name, or a sentence with names in it, as a person may be shown it: what could forge a line or
 * drive a terminal is written as an escape, such as `\n`, `\x1b` or `\u202e`. Other text stays as it
 * is, so that showing twice changes nothing.
 */
export function shown(text: string): string {
  return text.replace(UNSHOWN, escape);
}

/** The same of a text of several lines, whose line breaks stay. */
export function shownLines(text: string): string {
  return text.split("\n").map(shown).join("\n");
}

/** An error with its stack, whose message is one line whatever names it has in it. */
export function shownStack(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [shown(`${error.name}: ${error.message}`), ...frames.map((line) => shown(line))].join(
    "\n",
  );
}

/**
 * A value as JSON that a terminal may be shown. `JSON.stringify` alone leaves DEL, the C1 set (U+009B
 * begins a command in some terminals) and marks of direction as they are; the escapes mean the same.
 *
 * @param indent spaces a level; 0 (when left out): one line.
 */
export function shownJson(value: unknown, indent = 0): string {
  const unicode = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(
    UNSHOWN,
    (char) => char === "\n" ? char : unicode(char),
  );
}

function escape(char: string): string {
  const code = char.charCodeAt(0);
  return SHORT[char] ??
    (code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`);
}
