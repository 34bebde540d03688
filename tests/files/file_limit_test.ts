import assert from "assert";
import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

Deno.test("a checkpoint that meets the limit on a file's size is RESOURCE_EXHAUSTED and leaves nothing", async () => {
  if (process.platform === "win32") return;
  await using folder = await TemporaryFolder.create();
  const module = fileURLToPath(new URL("../../src/files/atomic_write.ts", import.meta.url));
  const script = folder.join("write.ts");
  await writeFile(
    script,
    `import { writeFolderAtomically } from ${JSON.stringify(module)};
    try {
      await writeFolderAtomically(Deno.args[0]!, (folder) =>
        folder.writeFile("weights", new Uint8Array(9_000_000)));
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message }));
    }`,
  );
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  // 400 kB; without the trap the process would be ended by a signal.
  const limited = 'trap "" XFSZ; ulimit -f 400; exec "$@"';
  const { stdout } = await promisify(execFile)("bash", [
    ...["-c", limited, "bash", Deno.execPath(), "run", "-A", "--no-check"],
    ...["--config", config, script, folder.join("checkpoint")],
  ]);
  const told = JSON.parse(stdout) as { code: string; message: string };
  assert.equal(told.code, "resource_exhausted", told.message);
  assert.match(told.message, /^The file would exceed the largest size allowed here: /);
  assert.deepEqual(await readdir(folder.path), ["write.ts"]);
});
