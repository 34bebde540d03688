import { TinctError } from "../errors.ts";

/** A timeout of a call (gRPC over HTTP/2, "Timeout"). */
const GRPC_TIMEOUT = /^(\d{1,8})([HMSmun])$/;

/** Units of grpc-timeout, in ms. */
const units: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** How long a client waits, by its grpc-timeout, in ms; or what is wrong with that. */
export function readGrpcTimeout(timeout: string | readonly string[]): number | TinctError {
  const [, count, unit = ""] = GRPC_TIMEOUT.exec(String(timeout)) ?? [];
  if (count !== undefined) return Number(count) * (units[unit] ?? NaN);
  return timeoutMisfit(
    timeout,
    "a grpc-timeout: give up to eight digits and one of H, M, S, m, u, n, such as 30S.",
  );
}

/** What is wrong with a call's grpc-timeout; undefined: nothing. */
export function grpcTimeoutMisfit(
  timeout: string | readonly string[] | undefined,
): TinctError | undefined {
  const read = timeout === undefined ? Infinity : readGrpcTimeout(timeout);
  return read instanceof TinctError ? read : undefined;
}

/** Refuses a timeout. @param wanted what it should be, and an example. */
export function timeoutMisfit(timeout: string | readonly string[], wanted: string): TinctError {
  const description = `${JSON.stringify(String(timeout).slice(0, 40))} is not ${wanted}`;
  return new TinctError("invalid_argument", description, {
    violations: [{ field: "", description }],
  });
}
