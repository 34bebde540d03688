import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { libraryPath } from "../../tensorflow/test_library.ts";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

/** Words that a shell takes as they are, to run `tinct` with these arguments. */
export function tinct(...argv: readonly string[]): string {
  return [Deno.execPath(), "run", "-A", "--no-check", main, ...argv]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Runs lines of sh. @returns what it wrote to its own stdout and stderr, and the exit code. */
export async function shell(
  script: string,
  { cacheFolder }: { readonly cacheFolder: string },
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn("sh", ["-c", script], {
    env: {
      ...process.env,
      LC_ALL: "C",
      TINCT_DEBUG: undefined,
      TINCT_CACHE: cacheFolder,
      TINCT_TENSORFLOW: dirname(libraryPath()),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "", stderr = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => stdout += part);
  child.stderr.setEncoding("utf8").on("data", (part: string) => stderr += part);
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/**
 * A pipe with a name that is open for reading, and full: whoever writes to it waits for good.
 *
 * @returns keeps it open until disposed of.
 */
export async function fullPipe(path: string): Promise<AsyncDisposable> {
  execFileSync("mkfifo", [path]);
  const file = await open(path, "r+"); // opens at once, as Linux has it
  const words = ["if=/dev/zero", `of=${path}`, "bs=4096", "count=1024", "oflag=nonblock"];
  const { stderr } = spawnSync("dd", words, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  if (!/temporarily unavailable/.test(stderr)) throw new Error(`${path} is not full: ${stderr}`);
  return { [Symbol.asyncDispose]: () => file.close() };
}
