import { TinctError } from "../errors.ts";

/**
 * Reads labels from the command line.
 *
 * @param given each KEY=VALUE; the value may be empty and may have "=" in it.
 * @throws {TinctError} invalid_argument: one without a key or "=", or a key that is there twice.
 */
export function readLabels(given: readonly string[]): Record<string, string> {
  const labels = new Map<string, string>();
  for (const text of given) {
    const at = text.indexOf("=");
    if (at < 1) {
      throw new TinctError(
        "invalid_argument",
        `--label must be KEY=VALUE, such as team=archive, not ${JSON.stringify(text)}.`,
      );
    }
    const key = text.slice(0, at);
    if (labels.has(key)) {
      throw new TinctError(
        "invalid_argument",
        `--label gives ${JSON.stringify(key)} two values: leave one out.`,
      );
    }
    labels.set(key, text.slice(at + 1));
  }
  return Object.fromEntries(labels);
}
