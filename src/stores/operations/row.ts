import { TinctError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../jobs/json.ts";

/** A row as a driver gives it: text, numbers and nulls. Its columns are decoded here alone. */
export type Row = Readonly<Record<string, unknown>>;

/** @throws {TinctError} data_loss when the column holds anything but text. */
export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : unexpected(column, value);
}

/** @throws {TinctError} data_loss when the column holds anything but a number. */
export function number(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : unexpected(column, value);
}

/** Text, or undefined for NULL. */
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

/** A number, or undefined for NULL. */
export function optionalNumber(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : number(row, column);
}

/** One of some words. */
export function word<W extends string>(row: Row, column: string, words: readonly W[]): W {
  const value = row[column];
  return words.find((each) => each === value) ?? unexpected(column, value);
}

/** A JSON value. */
export function json(row: Row, column: string): JsonValue {
  const value: JsonValue = JSON.parse(text(row, column));
  return value;
}

/** A JSON object. */
export function jsonObject(row: Row, column: string): JsonObject {
  const value = json(row, column);
  return isObject(value) ? value : unexpected(column, text(row, column));
}

/** A JSON object whose values are all text. */
export function textsByName(row: Row, column: string): Readonly<Record<string, string>> {
  const entries = Object.entries(jsonObject(row, column)).map(([name, value]) => {
    return [name, typeof value === "string" ? value : unexpected(column, text(row, column))];
  });
  return Object.fromEntries(entries);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unexpected(column: string, value: unknown): never {
  throw new TinctError(
    "data_loss",
    `The database holds ${String(value)} in ${column}; restore it from a backup.`,
  );
}
