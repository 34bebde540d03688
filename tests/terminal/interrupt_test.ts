import assert from "assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

const module = new URL("../../src/terminal/interrupt.ts", import.meta.url).href;

/** Starts a program that is interrupted twice; `script` runs once it has been. */
function start(options: string, script: string): ChildProcess {
  const source = `
    import { Interrupt } from "${module}";
    const interrupt = new Interrupt(${options}); // for as long as the process lives
    interrupt.signal.addEventListener("abort", () => {
      const { code, message } = interrupt.signal.reason;
      console.log(code, message);
    });
    const timer = setTimeout(() => {}, 60_000);
    console.log("ready");
    ${script}`;
  return spawn(Deno.execPath(), ["eval", "--no-check", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Sends a signal after each of the first two lines; returns all lines and the exit code. */
async function interruptTwice(child: ChildProcess, signal: NodeJS.Signals) {
  let output = "";
  let sent = 0;
  child.stdout?.setEncoding("utf8").on("data", (part: string) => {
    output += part;
    for (; sent < Math.min(2, output.split("\n").length - 1); sent++) {
      if (child.pid !== undefined) process.kill(child.pid, signal);
    }
  });
  const [code] = await once(child, "close");
  return { lines: output.trim().split("\n"), code };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`Interrupt turns ${signal} into an abort with a reason; a second one ends the process`, async () => {
    const child = start("{ sameWithinMs: 0 }", "");
    const { lines, code } = await interruptTwice(child, signal);
    assert.deepEqual(lines, ["ready", "cancelled Interrupted."]);
    assert.equal(code, 130);
  });
}

Deno.test("Interrupt takes a second one that follows at once for the first, as deno task sends it", async () => {
  const second = `
    let count = 0;
    process.on("SIGINT", () => {
      if (++count < 2) return;
      console.log("survived");
      clearTimeout(timer);
    });`;
  const child = start("{ sameWithinMs: 60_000 }", `import process from "node:process"; ${second}`);
  const { lines, code } = await interruptTwice(child, "SIGINT");
  assert.deepEqual(lines, ["ready", "cancelled Interrupted.", "survived"]);
  assert.equal(code, 0);
});

Deno.test("Interrupt turns SIGHUP into an abort; a second one, as a closing terminal sends, ends nothing", async () => {
  const second = `
    let count = 0;
    process.on("SIGHUP", () => {
      if (++count < 2) return;
      console.log("survived");
      clearTimeout(timer);
    });`;
  const child = start("{ sameWithinMs: 0 }", `import process from "node:process"; ${second}`);
  const { lines, code } = await interruptTwice(child, "SIGHUP");
  assert.deepEqual(lines, ["ready", "cancelled Interrupted.", "survived"]);
  assert.equal(code, 0);
});
