import assert from "assert";
import { readFile } from "node:fs/promises";
import { systemErrorName } from "../../src/images/system_error.ts";

Deno.test("systemErrorName() finds the name wherever the runtime has put it", async () => {
  const missing = await readFile("there is no such file").catch((error: unknown) => error);
  assert.equal(systemErrorName(missing), "ENOENT");
  assert.equal(systemErrorName(new Error("File too large (os error 27)")), "EFBIG");
  assert.equal(systemErrorName(new Deno.errors.NotCapable("no")), "EACCES");
  for (const other of [new Error("EFBIG"), new Error("(os error 99999)"), "ENOENT", undefined]) {
    assert.equal(systemErrorName(other), undefined);
  }
});
