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
  /**
   * Lines of a kind share a rate: of those beyond it one line tells how many there were. By default
   * lines with the same message are a kind, so what a client causes has a message without values.
   */
  readonly kind?: string;
}
