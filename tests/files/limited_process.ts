import assert from "assert";
import { spawn } from "node:child_process";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/**
 * The largest file of a limited process, in MiB: Deno keeps caches of its own, which are some 10 MiB
 * large here, and what it writes there before the program begins would end it.
 */
export const FILE_LIMIT_MIB = 32;

/**
 * Runs a piece of the program in a process whose files may not grow beyond `FILE_LIMIT_MIB`
 * (`ulimit -f`), with nothing that holds the signal off but the program itself.
 *
 * @param module path from `src/`.
 * @param call an expression of what the module exports, such as "read(Deno.args[0])".
 * @param args the script's arguments.
 * @returns code and message of the error that it throws.
 */
export async function errorUnderFileLimit(
  module: string,
  call: string,
  args: readonly string[],
): Promise<{ readonly code: string; readonly message: string }> {
  const url = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const script = `
    import { surviveFileSizeLimit } from ${url("files/file_size_signal.ts")};
    import * as module from ${url(module)};
    surviveFileSizeLimit();
    try {
      await module.${call};
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message }));
    }`;
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const limited = `ulimit -f ${FILE_LIMIT_MIB * 1024}; exec "$@"`;
  const child = spawn("bash", [
    ...["-c", limited, "bash", process.execPath, "run", "-A", "--no-check", "--ext=ts"],
    ...["--config", config, "-", ...args],
  ], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => resolve(signal ?? code));
  });
  child.stdin.end(script);
  const told = await text(child.stdout);
  assert.equal(await ended, 0);
  return JSON.parse(told) as { code: string; message: string };
}
