import assert from "assert";
import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { getHeapStatistics } from "node:v8";
import { FolderListings } from "../../src/datasets/folder_listings.ts";
import { type FolderListing, listFolder } from "../../src/datasets/list_folder.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { makeUnlistable } from "./unlistable_folder.ts";

const never = new AbortController().signal;

/** A folder with files of so many bytes, by name. */
async function folderOf(files: Readonly<Record<string, number>>): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.create();
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(folder.join(name, ".."), { recursive: true });
    await writeFile(folder.join(name), new Uint8Array(bytes));
  }
  return folder;
}

const filesOf = ({ names, sizes }: FolderListing) =>
  Object.fromEntries(names.map((name, index) => [name, sizes[index]]));

/** Lists until the folder has been still for so long that its listing is kept. */
async function keptListing(listings: FolderListings, folder: string): Promise<FolderListing> {
  for (let before = await listings.list(folder, never);;) {
    const now = await listings.list(folder, never);
    if (now === before) return now;
    before = now;
  }
}

Deno.test("a listing has all files below, by the code units of their names, and nothing else", async () => {
  const files = { "b.jpg": 3, "a/z.jpg": 1, "a-b.jpg": 2, "a/deep/er.png": 4, "Ä.jpg": 5 };
  await using folder = await folderOf({ ...files, ".hidden.jpg": 1, ".partial/c.jpg": 1 });
  await mkdir(folder.join("empty"));
  await symlink("b.jpg", folder.join("link.jpg"));
  await symlink("/", folder.join("away"));
  execFileSync("mkfifo", [folder.join("pipe.jpg")]);
  // Names that are no UTF-8: Latin-1's "ß" and "ü".
  const odd = `printf 1 > "$(printf 'Stra\\337e.jpg')"; mkdir "$(printf 'M\\374nchen')"`;
  execFileSync("sh", ["-c", odd], { cwd: folder.path });
  const listing = await new FolderListings().list(folder.path, never);
  assert.deepEqual(filesOf(listing), files);
  assert.deepEqual(listing.names, Object.keys(files).sort());
  assert.equal(listing.sizeBytes, 15);
  const none = await new FolderListings().list(folder.join("none"), never);
  assert.deepEqual([none.names, none.sizeBytes], [[], 0]);
});

Deno.test("a folder that cannot be listed takes nothing from the rest", async () => {
  await using folder = await folderOf({ "a.jpg": 1, "dataset/b.jpg": 2 });
  await using _shut = await makeUnlistable(folder, "dataset");
  const listing = await new FolderListings().list(folder.path, never);
  assert.deepEqual(filesOf(listing), { "a.jpg": 1, "dataset/b.jpg": 2 });
});

Deno.test("a listing is kept until something changes, in whatever folder below", async () => {
  await using folder = await folderOf({ "a.jpg": 1, "below/b.jpg": 2 });
  const listings = new FolderListings({ maxAgeMs: Infinity });
  const first = await keptListing(listings, folder.path);
  for (
    const [change, files] of [
      [() => writeFile(folder.join("below", "c.jpg"), "123"), [
        "a.jpg",
        "below/b.jpg",
        "below/c.jpg",
      ]],
      [() => rm(folder.join("a.jpg")), ["below/b.jpg", "below/c.jpg"]],
      [() => rename(folder.join("below"), folder.join("d")), ["d/b.jpg", "d/c.jpg"]],
    ] as const
  ) {
    const before = await keptListing(listings, folder.path);
    await change();
    const after = await listings.list(folder.path, never);
    assert.deepEqual(after.names, files);
    assert.notEqual(after.stamp, before.stamp);
    assert.deepEqual(await listings.summary(folder.path, never), {
      files: files.length,
      sizeBytes: after.sizeBytes,
    });
  }
  assert.deepEqual(first.names, ["a.jpg", "below/b.jpg"], "what was handed out stays as it was");
});

Deno.test("a file whose content alone changed is seen once the listing is old", async () => {
  await using folder = await folderOf({ "a.jpg": 1 });
  const listings = new FolderListings({ maxAgeMs: 0 });
  const before = await listings.list(folder.path, never);
  await writeFile(folder.join("a.jpg"), "1234");
  const after = await listings.list(folder.path, never);
  assert.deepEqual(filesOf(after), { "a.jpg": 4 });
  assert.notEqual(after.stamp, before.stamp);
});

Deno.test("many calls at a time share one look, and a call gets nothing from before it began", async () => {
  const names = Array.from({ length: 500 }, (_, index) => `${index}.jpg`);
  await using folder = await folderOf(Object.fromEntries(names.map((name) => [name, 1])));
  const listings = new FolderListings({ maxKeptBytes: 0 });
  const many = Promise.all(
    Array.from({ length: 50 }, () => listings.list(folder.path, never)),
  );
  await writeFile(folder.join("late.jpg"), "12");
  const late = await listings.list(folder.path, never);
  assert.equal(filesOf(late)["late.jpg"], 2);
  assert.ok(new Set(await many).size <= 2, "the first look, and one for those that came meanwhile");
});

Deno.test("a call that nobody waits for ends at once, and the others get their listing", async () => {
  await using folder = await folderOf({ "a.jpg": 1 });
  const listings = new FolderListings();
  const leaving = new AbortController();
  const left = listings.list(folder.path, leaving.signal);
  const staying = listings.list(folder.path, never);
  leaving.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  assert.deepEqual((await staying).names, ["a.jpg"]);
  await assert.rejects(listings.list(folder.path, leaving.signal), /gone/);
  assert.deepEqual((await listings.list(folder.path, never)).names, ["a.jpg"]);
});

Deno.test("a long list makes little garbage of each file", async () => {
  const files = 5000;
  const names = Array.from({ length: files }, (_, index) => `${index}.jpg`);
  await using folder = await folderOf(Object.fromEntries(names.map((name) => [name, 1])));
  await listFolder(folder.path, never); // compiled
  const before = allocatedBytes();
  await listFolder(folder.path, never);
  const each = (allocatedBytes() - before) / files;
  // Measured: 6,500. It was 12,000, and lists of 100,000 files took a server's heap to 280 MB.
  assert.ok(each < 9000, `${each.toFixed(0)} bytes were allocated for each file`);
});

/** All that V8's heap has ever given out; Deno tells it, though its types do not. */
function allocatedBytes(): number {
  const bytes: unknown = Reflect.get(getHeapStatistics(), "total_allocated_bytes");
  assert.ok(typeof bytes === "number");
  return bytes;
}
