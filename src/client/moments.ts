import type { Timestamp__Output } from "../protocol/generated/google/protobuf/timestamp.ts";
import { timeMsOf } from "../protocol/times.ts";

/** "2026-11-29 12:30" in UTC, as lists show a time; empty where there is none. */
export function momentOf(timestamp: Timestamp__Output | null | undefined): string {
  const timeMs = timeMsOf(timestamp);
  return timeMs === undefined ? "" : new Date(timeMs).toISOString().slice(0, 16).replace("T", " ");
}
