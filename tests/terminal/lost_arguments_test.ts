import assert from "assert";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { refuseLostArguments } from "../../src/terminal/lost_arguments.ts";

const clone = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("an argument that deno task leaves out ends the call with its name", async () => {
  if (process.platform !== "linux") return;
  // The second word is Latin-1's "Straße.jpg".
  const script = `exec "$0" task tinct colorize "$(printf 'Stra\\337e.jpg')" --model m --out o`;
  const { promise, resolve } = Promise.withResolvers<[unknown, string]>();
  execFile("sh", ["-c", script, Deno.execPath()], { cwd: clone }, (error, _, stderr) => {
    resolve([error?.code, stderr]);
  });
  const [code, stderr] = await promise;
  assert.match(
    stderr,
    /\n1 argument is not valid UTF-8 and did not arrive \(Stra\ufffde\.jpg\): rename such files, .*, or give their folder\.\n$/,
  );
  assert.equal(code, 2);
});

Deno.test("other command lines are nobody's business", () => {
  const commandLine = (...words: string[]) =>
    Buffer.from(words.map((word) => `${word}\0`).join(""), "latin1");
  for (
    const parent of [
      Buffer.alloc(0),
      commandLine("/bin/deno", "task", "tinct", "colorize", "cat.jpg"),
      commandLine("/bin/deno", "run", "program.ts", "Stra\xdfe.jpg"),
      commandLine("bash", "-c", "task Stra\xdfe.jpg"),
    ]
  ) refuseLostArguments(parent);
  const lost = commandLine("/bin/deno", "task", "tinct", ...["\xdf", "\xe4", "ok", "\xf6", "\xfc"]);
  assert.throws(() => refuseLostArguments(lost), {
    code: "invalid_argument",
    message: /^4 arguments are not valid UTF-8 and did not arrive \(\ufffd, \ufffd, \ufffd, …\)/,
  });
});
