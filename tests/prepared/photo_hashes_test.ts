import assert from "assert";
import { readFile, writeFile } from "node:fs/promises";
import { PhotoHashes, sha256Of } from "../../src/prepared/photo_hashes.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const STAMP = { sizeBytes: 100, modifiedMs: 1_700_000_000_000, changedMs: 1_700_000_000_500 };
const LATER = STAMP.modifiedMs + 60_000;
const HASH = sha256Of("content");

Deno.test("PhotoHashes knows a file again by its stamp, in a later run too", async () => {
  await using folder = await TemporaryFolder.create();
  const hashes = await PhotoHashes.load(folder.path, "id");
  assert.equal(hashes.isNew, true);
  hashes.set("a.jpg", STAMP, HASH, LATER);
  await hashes.save(["a.jpg"]);
  const again = await PhotoHashes.load(folder.path, "id");
  assert.equal(again.isNew, false);
  assert.equal(again.find("a.jpg", STAMP), HASH);
  assert.equal(again.find("b.jpg", STAMP), undefined);
  assert.equal((await PhotoHashes.load(folder.path, "other")).isNew, true);
});

for (const field of ["sizeBytes", "modifiedMs", "changedMs"] as const) {
  Deno.test(`PhotoHashes does not know a file with another ${field}`, async () => {
    await using folder = await TemporaryFolder.create();
    const hashes = await PhotoHashes.load(folder.path, "id");
    hashes.set("a.jpg", STAMP, HASH, LATER);
    assert.equal(hashes.find("a.jpg", { ...STAMP, [field]: STAMP[field] + 1 }), undefined);
  });
}

Deno.test("PhotoHashes does not trust a file that had just been changed when it was read", async () => {
  await using folder = await TemporaryFolder.create();
  const hashes = await PhotoHashes.load(folder.path, "id");
  hashes.set("a.jpg", STAMP, HASH, STAMP.changedMs + 1999);
  assert.equal(hashes.find("a.jpg", STAMP), undefined);
  hashes.set("a.jpg", STAMP, HASH, STAMP.changedMs + 2000);
  assert.equal(hashes.find("a.jpg", STAMP), HASH);
});

Deno.test("PhotoHashes forgets files that are gone", async () => {
  await using folder = await TemporaryFolder.create();
  const hashes = await PhotoHashes.load(folder.path, "id");
  hashes.set("a.jpg", STAMP, HASH, LATER);
  hashes.set("b.jpg", STAMP, HASH, LATER);
  await hashes.save(["b.jpg"]);
  const again = await PhotoHashes.load(folder.path, "id");
  assert.equal(again.find("a.jpg", STAMP), undefined);
  assert.equal(again.find("b.jpg", STAMP), HASH);
});

Deno.test("PhotoHashes starts anew from a damaged file", async () => {
  await using folder = await TemporaryFolder.create();
  const hashes = await PhotoHashes.load(folder.path, "id");
  hashes.set("a.jpg", STAMP, HASH, LATER);
  await hashes.save(["a.jpg"]);
  const path = folder.join("hashes-id.json");
  const text = await readFile(path, "utf8");
  const damaged = ["", "{", "[]", "null", text.slice(0, -9), text.replace("hashes 1", "hashes 9")];
  for (const content of [...damaged, text.replace(HASH, "xyz"), text.replace("100", '"100"')]) {
    await writeFile(path, content);
    assert.equal((await PhotoHashes.load(folder.path, "id")).isNew, true, content);
  }
});
