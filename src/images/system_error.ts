import { constants } from "node:os";

/**
 * The name of a system error, such as ENOSPC; undefined for anything else that was thrown.
 * The runtime leaves it out of some (EFBIG and EDQUOT of a file handle's write) and then has only the
 * number, in the message; what its permissions forbid counts as EACCES.
 */
export function systemErrorName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "NotCapable") return "EACCES";
  if ("code" in error && typeof error.code === "string") return error.code;
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  if (number === undefined) return undefined;
  return Object.entries(constants.errno).find(([, value]) => value === Number(number))?.[0];
}
