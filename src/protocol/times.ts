import type { Duration__Output } from "./generated/google/protobuf/duration.ts";
import type { Timestamp__Output } from "./generated/google/protobuf/timestamp.ts";

/** A google.protobuf.Timestamp of milliseconds since 1970, UTC; fractions are kept to the nanosecond. */
export function timestampOf(timeMs: number): Timestamp__Output {
  const seconds = Math.floor(timeMs / 1000);
  const nanos = Math.round((timeMs - seconds * 1000) * 1e6);
  return nanos === 1e9 ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos };
}

/** Milliseconds since 1970, UTC; undefined where the field is absent. */
export function timeMsOf(timestamp: Timestamp__Output | null | undefined): number | undefined {
  return timestamp ? timestamp.seconds * 1000 + timestamp.nanos / 1e6 : undefined;
}

/** A google.protobuf.Duration; its parts have one sign, as the format demands. */
export function durationOf(durationMs: number): Duration__Output {
  const seconds = Math.trunc(durationMs / 1000);
  const nanos = Math.round((durationMs - seconds * 1000) * 1e6);
  return Math.abs(nanos) === 1e9
    ? { seconds: seconds + Math.sign(nanos), nanos: 0 }
    : { seconds, nanos };
}

/** Milliseconds, of either sign and any size; undefined where the field is absent. */
export function durationMsOf(duration: Duration__Output | null | undefined): number | undefined {
  return duration ? duration.seconds * 1000 + duration.nanos / 1e6 : undefined;
}
