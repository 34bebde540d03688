import assert from "assert";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { until } from "../in_time.ts";
import { errorUnderFileLimit, FILE_LIMIT_MIB } from "./limited_process.ts";

Deno.test("a checkpoint that meets the limit on a file's size is RESOURCE_EXHAUSTED and leaves nothing", async () => {
  if (process.platform === "win32") return;
  await using folder = await TemporaryFolder.create();
  const { code, message } = await errorUnderFileLimit(
    "files/atomic_write.ts",
    `writeFolderAtomically(Deno.args[0], (folder) =>
      folder.writeFile("weights", new Uint8Array(${(FILE_LIMIT_MIB + 1) * 2 ** 20})))`,
    [folder.join("checkpoint")],
  );
  assert.equal(code, "resource_exhausted", message);
  assert.match(
    message,
    /^The file would exceed the largest size allowed here: .*checkpoint could not be written; raise the limit \(`ulimit -f`\) or choose another disk\.$/,
  );
  assert.deepEqual(await readdir(folder.path), []);
});

Deno.test("a command that meets the limit says so", async () => {
  if (process.platform === "win32") return;
  await using folder = await TemporaryFolder.create();
  const file = folder.join("access.json");
  const entry = { name: "a".repeat(FILE_LIMIT_MIB * 2 ** 20), sha256: "0".repeat(64) };
  const before = JSON.stringify({ tokens: [{ ...entry, scopes: ["read"] }] });
  await writeFile(file, before);
  const limited = `ulimit -f ${FILE_LIMIT_MIB * 1024}; exec "$@"`;
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const argv = ["run", "-A", "--no-check", main, "token", "ci", "--access", file];
  const { promise: ended, resolve } = Promise.withResolvers<[unknown, string]>();
  execFile("bash", ["-c", limited, "bash", Deno.execPath(), ...argv], (error, _, stderr) => {
    resolve([error?.signal ?? error?.code, stderr]);
  });
  const [code, stderr] = await ended;
  assert.match(
    stderr,
    /^The file would exceed the largest size allowed here: .*access\.json could/,
  );
  assert.equal(code, 1);
  assert.equal(await readFile(file, "utf8"), before);
});

Deno.test("a worker takes the limit's signal", async () => {
  if (process.platform !== "linux") return;
  const worker = fileURLToPath(new URL("../../workers/scale.ts", import.meta.url));
  const child = spawn(Deno.execPath(), ["run", "-A", "--no-check", worker], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(child, "close");
  try {
    const xfsz = 1n << 24n; // signal 25
    await until(async () => {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      const [, mask] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status) ?? [];
      assert.ok(mask !== undefined, "the worker has ended");
      return (BigInt(`0x${mask}`) & xfsz) !== 0n;
    }, "the worker takes SIGXFSZ");
  } finally {
    child.stdin.end();
    await ended;
  }
});
