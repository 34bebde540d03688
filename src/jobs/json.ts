import { createHash } from "node:crypto";

/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object; properties that are undefined are left out when it is written. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/**
 * The text of a JSON value.
 *
 * @throws {TypeError} for NaN and infinities, which JSON would silently turn into null.
 */
export function encodeJson(value: JsonValue): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (typeof each === "number" && !Number.isFinite(each)) {
      throw new TypeError(`JSON cannot hold ${each} (at "${key}"); write it as a string.`);
    }
    return each;
  });
}

/**
 * The SHA-256 (64 hexadecimal digits) of a request: equal for requests that say the same, in
 * whatever order their properties stand.
 */
export function requestHash(request: JsonValue): string {
  return createHash("sha256").update(encodeJson(inOrder(request))).digest("hex");
}

function inOrder(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  entries.sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, each]) => [key, inOrder(each ?? null)]));
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
