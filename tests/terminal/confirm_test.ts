import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const asking = fileURLToPath(new URL("asking.ts", import.meta.url));

/**
 * Runs `asking.ts` at a terminal, and types an answer when it has asked.
 *
 * @returns all that the terminal showed.
 */
async function ask(answer: string): Promise<string> {
  // Python's pty.spawn gives the program a terminal, and copies between that and these pipes.
  const program = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
  const argv = ["-c", program, Deno.execPath(), "run", "-A", "--no-check", asking];
  const child = spawn("python3", argv, { stdio: ["pipe", "pipe", "inherit"] });
  let shown = "", answered = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (answered || !shown.includes("[y/N] ")) return;
    answered = true;
    child.stdin.write(answer);
  });
  await once(child, "close");
  return shown;
}

for (
  const [answer, outcome] of [
    ["y\n", "deleted"],
    ["YES\n", "deleted"],
    ["n\n", "kept"],
    ["\n", "kept"],
    ["yesterday\n", "kept"],
    ["\x03", "cancelled"],
  ] as const
) {
  Deno.test(`confirmed() takes ${JSON.stringify(answer)} for: ${outcome}`, async () => {
    const shown = await ask(answer);
    assert.match(shown, new RegExp(`outcome: ${outcome}`), shown);
    assert.match(shown, /Delete the model ro\\nses\? \[y\/N\] /, "control characters are escaped");
    assert.equal(shown.includes("Nothing was deleted."), outcome === "kept");
  });
}
