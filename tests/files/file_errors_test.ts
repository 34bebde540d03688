import assert from "assert";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import {
  diskFull,
  isDiskFull,
  reading,
  systemErrorName,
  writing,
} from "../../src/files/file_errors.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

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

Deno.test("a file in a folder's place, and a folder in a file's, are told as that", async () => {
  await using folder = await TemporaryFolder.create();
  const file = folder.join("file");
  await writeFile(file, "");
  for (const path of [file, folder.join("file", "below")]) {
    await assert.rejects(
      writing(path, mkdir(path, { recursive: true })),
      failsWith(
        "failed_precondition",
        /: a file is in its place, or in that of a folder above it; give another path\.$/,
      ),
    );
  }
  await assert.rejects(
    writing(folder.path, writeFile(folder.path, "")),
    failsWith("failed_precondition", /: a folder is in its place; give another path\.$/),
  );
  await assert.rejects(
    reading(folder.path, readFile(folder.path)),
    failsWith("failed_precondition", /is a folder; give a file\.$/),
  );
  const below = folder.join("file", "below");
  await assert.rejects(
    reading(below, readFile(below)),
    failsWith("failed_precondition", /: what is above it is a file, not a folder\.$/),
  );
});
