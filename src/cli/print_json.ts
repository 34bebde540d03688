import { boolean } from "../config/option.ts";

/** The option of every command that prints a list or a result. */
export const jsonOption = { json: boolean(false, "print it as JSON; docs/json.md has the fields") };

/** Prints a value as JSON over several lines, on stdout. */
export function printJson(value: unknown): void {
  console.log(jsonText(value, 2));
}

/** Prints a value as JSON on one line, for programs that read a line at a time. */
export function printJsonLine(value: unknown): void {
  console.log(jsonText(value));
}

/** JSON that cannot steer a terminal: `JSON.stringify` leaves some control characters as they are. */
function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
