import { boolean } from "../config/option.ts";
import { shownJson } from "../shown.ts";

/** The option of every command that prints a list or a result. */
export const jsonOption = {
  json: boolean(false, "print the result as JSON; docs/json.md lists the fields"),
};

/** Prints a value as JSON over several lines, on stdout. */
export function printJson(value: unknown): void {
  console.log(shownJson(value, 2));
}

/** Prints a value as JSON on one line, for programs that read a line at a time. */
export function printJsonLine(value: unknown): void {
  console.log(shownJson(value));
}
