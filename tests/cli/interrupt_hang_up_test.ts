import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isIgnored } from "../../src/terminal/ignored_signals.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { ServedProcess } from "../service/served_process.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { paintScenes } from "../service/workshop.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const small = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2".split(" ");

/**
 * Trains for good; once it has begun, sends the signals in turn, each when stderr has matched.
 *
 * @param prefix what the shell does before.
 */
async function trainAndSignal(
  folder: TemporaryFolder,
  prefix: string,
  signals: readonly (readonly [RegExp, NodeJS.Signals])[],
) {
  await paintScenes(folder.join("photos"), 8);
  const paths = ["--data", folder.join("photos"), "--out", folder.join("run")];
  const often = ["--max-steps", "100000", "--sample-every", "0", "--validate-every", "20"];
  const words = ["run", "-A", "--no-check", main, "train", ...paths, ...small, ...often];
  const child = spawn("sh", ["-c", `${prefix} exec "$@"`, "sh", Deno.execPath(), ...words], {
    env: {
      ...process.env,
      TINCT_DEBUG: undefined,
      TINCT_CACHE: folder.join("cache"),
      TINCT_TENSORFLOW: dirname(libraryPath()),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "", matched = 0;
  const waiting = [...signals];
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
    const [pattern, signal] = waiting[0] ?? [];
    if (pattern === undefined || !pattern.test(stderr.slice(matched))) return;
    waiting.shift();
    matched = stderr.length;
    if (child.pid !== undefined && signal) process.kill(child.pid, signal);
  });
  const [code] = await once(child, "close");
  const checkpoints = folder.join("run", "checkpoints");
  return { code, stderr, checkpoints: existsSync(checkpoints) ? await readdir(checkpoints) : [] };
}

Deno.test("SIGHUP ends a training after its step, with a checkpoint and the command to go on", async () => {
  await using folder = await TemporaryFolder.create();
  const { code, stderr, checkpoints } = await trainAndSignal(folder, "", [
    [/Step \d+: PSNR/, "SIGHUP"],
  ]);
  assert.equal(code, 130, stderr);
  assert.match(stderr, /^Stopping after this step, with a checkpoint\./m);
  assert.match(
    stderr,
    /^Interrupted after step \d+; the checkpoint .* is saved\. Continue with: /m,
  );
  assert.equal(checkpoints.filter((name) => /^step-\d+$/.test(name)).length, 1);
});

Deno.test("a training that was started with SIGHUP ignored, as by nohup, goes on after one", async () => {
  await using folder = await TemporaryFolder.create();
  const { code, stderr } = await trainAndSignal(folder, "trap '' HUP;", [
    [/Step \d+: PSNR/, "SIGHUP"],
    [/Step \d+: PSNR[^]*Step \d+: PSNR/, "SIGTERM"],
  ]);
  assert.equal(code, 130, stderr);
  assert.equal(stderr.match(/^Stopping after/gm)?.length, 1);
});

Deno.test("SIGHUP stops a server in good order", async () => {
  await using folder = await TemporaryFolder.create();
  await using served = await ServedProcess.start(folder.join("data"));
  assert.equal(await served.end("SIGHUP"), 0);
  assert.deepEqual(served.lines.slice(-2).map(({ message }) => message), [
    "The server stops.",
    "The server has stopped.",
  ]);
});

Deno.test("which signals are ignored is read from the mask of /proc/self/status", () => {
  const status = (mask: string) => `Name:\tdeno\nSigBlk:\t0000000000000000\nSigIgn:\t${mask}\n`;
  assert.equal(isIgnored("SIGHUP", status("0000000080001007")), true);
  assert.equal(isIgnored("SIGTERM", status("0000000080001007")), false);
  assert.equal(isIgnored("SIGHUP", status("0000000000001006")), false);
  assert.equal(isIgnored("SIGHUP", ""), false, "another system tells nothing");
});
