import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as pass } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SILENCE_SECONDS } from "../in_time.ts";

/** Longer than the silence after which the server kills a worker. */
const STOPPED_MS = (SILENCE_SECONDS + 2) * 1000;

Deno.test("a server that was stopped longer than its workers may be silent keeps them", async () => {
  const script = fileURLToPath(new URL("./stopping_server.ts", import.meta.url));
  const server = spawn(process.execPath, ["run", "-A", "--no-check", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(server, "exit");
  const pid = server.pid ?? NaN;
  try {
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await lines.next();
      return JSON.parse(value ?? "") as { kind: string; pid: number };
    };
    const before = await next();
    assert.equal(before.kind, "losses");
    process.kill(pid, "SIGSTOP");
    await pass(STOPPED_MS);
    process.kill(pid, "SIGCONT");
    // What was said before the stop is read first; a silent worker would be killed at once.
    for (const end = performance.now() + STOPPED_MS / 2; performance.now() < end;) {
      const after = await next();
      assert.deepEqual([after.kind, after.pid], ["losses", before.pid], JSON.stringify(after));
    }
  } finally {
    process.kill(pid, "SIGKILL");
    await exited;
  }
});
