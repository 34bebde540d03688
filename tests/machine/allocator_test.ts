import assert from "assert";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Megabytes that a process keeps of 300 MB of buffers that it has freed; see the program. */
async function keptMb(how: "set" | "unset" | "trimmed"): Promise<number[]> {
  const program = fileURLToPath(new URL("freed_buffers.ts", import.meta.url));
  const argv = ["run", "-A", "--no-check", program, how];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return stdout.trim().split("\n").map(Number);
}

Deno.test("the memory of large buffers goes back to the system when they are freed", async () => {
  const [unset = NaN] = await keptMb("unset");
  assert.ok(unset > 100, `glibc alone keeps ${unset} MB; does it still keep any?`);
  const [set = NaN] = await keptMb("set");
  assert.ok(set < 30, `${set} MB were kept, and ${unset} MB without`); // measured: 1 to 5
});

Deno.test("memory that is free between pieces in use goes back to the system", async () => {
  const [freed = NaN, trimmed = NaN] = await keptMb("trimmed");
  assert.ok(freed > 100, `glibc alone keeps ${freed} MB; does it still keep any?`);
  assert.ok(trimmed < 30, `${trimmed} MB were kept, of ${freed} MB`); // measured: 1 to 5
});
