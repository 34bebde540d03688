import assert from "assert";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { listPhotos } from "../../src/images/photo_folder.ts";
import { readPhotoFile } from "../../src/images/photo_file.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** Makes files whose names the runtime could not: `printf` escapes, with "/" between the parts. */
function makeFiles(folder: string, ...names: string[]): void {
  const script =
    'for name; do path=$(printf "$name"); mkdir -p "$(dirname "$path")"; : >"$path"; done';
  execFileSync("sh", ["-c", script, "sh", ...names], { cwd: folder });
}

Deno.test("photos and folders whose names are no UTF-8 are named with the reason", async () => {
  await using folder = await TemporaryFolder.create();
  makeFiles(folder.path, "Stra\\337e.jpg", "M\\374nchen/foto.jpg", "ok.jpg", "notes\\374.txt");
  await writeFile(folder.join("real\ufffd.jpg"), ""); // this is a name like any other
  const { names, unreadable } = await listPhotos(folder.path);
  assert.deepEqual(names, ["ok.jpg", "real\ufffd.jpg"]);
  const reasons = unreadable.map(({ name, reason }) => `${name} ${reason}`).sort();
  assert.deepEqual(reasons, [
    "M\ufffdnchen/ has a name that is not valid UTF-8; rename it, for instance with convmv -f latin1 -t utf8",
    "Stra\ufffde.jpg has a name that is not valid UTF-8; rename it, for instance with convmv -f latin1 -t utf8",
  ]);
});

Deno.test("where all names are no UTF-8 the error says that, not that there is no photo", async () => {
  await using folder = await TemporaryFolder.create();
  makeFiles(folder.path, "Stra\\337e.jpg");
  await assert.rejects(
    listPhotos(folder.path),
    /Stra\ufffde\.jpg has a name that is not valid UTF-8/,
  );
  // As the runtime gives the argument on.
  await assert.rejects(
    readPhotoFile(folder.join("Stra\ufffde.jpg")),
    /has a name that is not valid UTF-8; rename it/,
  );
  await assert.rejects(
    listPhotos(folder.join("M\ufffdnchen")),
    /has a name that is not valid UTF-8/,
  );
});
