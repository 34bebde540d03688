import { TinctError } from "../errors.ts";

/**
 * Refuses a runtime in which a server like ours is not safe.
 *
 * @param denoVersion such as "2.9.3"; undefined where the runtime is another.
 * @throws {TinctError} failed_precondition.
 */
export function requireRuntime(denoVersion: string | undefined): void {
  if (denoVersion !== undefined && /^2\.9\.[0-3](?:$|\+)/.test(denoVersion)) return;
  const aborts = denoVersion !== undefined && /^2\.9\.[456]/.test(denoVersion);
  const why = aborts
    ? "in Deno 2.9.4 to 2.9.6 any client can abort the server (an assertion of its HTTP/2 library " +
      "fails on messages past a limit, and on ordinary closes)"
    : "the server was tested with Deno 2.9.3, and releases after it have aborted servers like this";
  throw new TinctError(
    "failed_precondition",
    `This is ${denoVersion === undefined ? "not Deno" : `Deno ${denoVersion}`}, and ${why}: ` +
      "install Deno 2.9.3 (deno upgrade 2.9.3).",
  );
}
