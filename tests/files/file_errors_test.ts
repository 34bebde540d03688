import assert from "assert";
import { readFile } from "node:fs/promises";
import { diskFull, isDiskFull, systemErrorName } from "../../src/files/file_errors.ts";

Deno.test("systemErrorName() finds the name wherever the runtime has put it", async () => {
  const missing = await readFile("there is no such file").catch((error: unknown) => error);
  assert.equal(systemErrorName(missing), "ENOENT");
  assert.equal(systemErrorName(new Error("File too large (os error 27)")), "EFBIG");
  assert.equal(systemErrorName(new Deno.errors.NotCapable("no")), "EACCES");
  for (const other of [new Error("EFBIG"), new Error("(os error 99999)"), "ENOENT", undefined]) {
    assert.equal(systemErrorName(other), "");
  }
});

Deno.test("a quota and a limit on files count as a full disk, and are told apart", async () => {
  const told: string[] = [];
  for (const number of [28, 122, 27]) { // ENOSPC, EDQUOT, EFBIG
    const error = new Error(`write (os error ${number})`);
    assert.equal(isDiskFull(error), true);
    const { code, message } = await diskFull("run/model", ".", error);
    assert.equal(code, "resource_exhausted");
    told.push(message.split(":")[0]!);
  }
  assert.deepEqual(told, [
    "The disk is full",
    "The disk quota is used up",
    "The file would exceed the largest size allowed here",
  ]);
  assert.equal(isDiskFull(new Error("read (os error 5)")), false);
});
