import { describeError } from "../errors.ts";

/** How much a line matters. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Values that belong to a line, such as the job's id. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a line says. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
  /** The error behind it, with its stack and causes. */
  readonly cause?: unknown;
}

/** The server's log, one line an event. */
export interface Log {
  /** Writes a line. Never throws. */
  write(line: LogLine): void;
}

/** Where lines go; `process.stderr` is one. */
export interface LogSink {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/**
 * A log that writes JSON, one object a line, or on a terminal text for people.
 *
 * @param sink where to.
 * @param options `now`: the clock, in milliseconds since 1970; the system's by default. `least`: the
 *   level from which on lines are written; "info" by default.
 */
export function openLog(
  sink: LogSink,
  { now = Date.now, least = "info" }: { now?: () => number; least?: LogLevel } = {},
): Log {
  const levels: readonly LogLevel[] = ["debug", "info", "warning", "error"];
  return {
    write(line) {
      if (levels.indexOf(line.level) < levels.indexOf(least)) return;
      const time = new Date(now()).toISOString();
      sink.write(`${sink.isTTY ? asText(time, line) : asJson(time, line)}\n`);
    },
  };
}

function asJson(time: string, { level, message, fields, cause }: LogLine): string {
  const error = cause === undefined ? undefined : describeError(cause);
  // JSON escapes line breaks: one event stays one line, whatever a client put into a name.
  return JSON.stringify({ time, level, message, ...fields, error });
}

function asText(time: string, { level, message, fields, cause }: LogLine): string {
  const values = Object.entries(fields).filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${printable(String(value))}`).join("");
  const head = `${time.slice(11, 23)} ${level.padEnd(7)} ${printable(message)}${values}`;
  if (cause === undefined) return head;
  return [head, ...describeError(cause).split("\n").map(printable)].join("\n");
}

/** Control characters could rewrite the terminal, and marks of direction turn what is read around. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "\u{fffd}");
}
