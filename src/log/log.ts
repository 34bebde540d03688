import { describeError } from "../errors.ts";
import { LineRate } from "./line_rate.ts";
import type { LogLevel, LogLine } from "./log_line.ts";

export type { LogFields, LogLevel, LogLine } from "./log_line.ts";

/** The server's log, one line an event. */
export interface Log {
  /** Writes a line, now or with others of its kind. Never throws. */
  write(line: LogLine): void;
}

/** A log that somebody has opened, who disposes of it: that tells what was held back. */
interface OpenLog extends Log, Disposable {}

/** Where lines go. */
interface LogSink {
  readonly isTTY?: boolean | undefined;
  /** Must not throw. */
  write(text: string): unknown;
}

const levels: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/**
 * A log that writes JSON, one object a line, or on a terminal text for people.
 *
 * @param sink where to.
 * @param options `now`: the clock, in milliseconds since 1970; the system's by default. `least`: the
 *   level from which on lines are written; "info" by default. `windowMs`, `perWindow`: of each kind
 *   so many lines are written in so long, those for debugging aside; 20 in 10 seconds by default.
 */
export function openLog(
  sink: LogSink,
  { now = Date.now, least = "info", windowMs = 10_000, perWindow = 20 }: {
    now?: () => number;
    least?: LogLevel;
    windowMs?: number;
    perWindow?: number;
  } = {},
): OpenLog {
  const format = formatFor(sink, now);
  const rate = new LineRate({ windowMs, perWindow }, (line) => sink.write(format(line)));
  return {
    write(line) {
      if (levels.indexOf(line.level) < levels.indexOf(least)) return;
      if (line.level === "debug") sink.write(format(line));
      else rate.take(line);
    },
    [Symbol.dispose]: () => rate[Symbol.dispose](),
  };
}

/** The line that stands where the sink has lost some, with its line break. */
export function lossLine(sink: LogSink, lost: number): string {
  const message = "Lines of the log were lost: they could not be written in time.";
  return formatFor(sink, Date.now)({ level: "warning", message, fields: { lines: lost } });
}

function formatFor({ isTTY }: LogSink, now: () => number): (line: LogLine) => string {
  const format = isTTY ? asText : asJson;
  return (line) => `${format(new Date(now()).toISOString(), line)}\n`;
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
