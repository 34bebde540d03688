import assert from "assert";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TinctError } from "../../src/errors.ts";
import { listPhotos } from "../../src/images/photo_folder.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { makeUnlistable } from "../datasets/unlistable_folder.ts";

async function touch(folder: TemporaryFolder, ...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(folder.join(name)), { recursive: true });
    await writeFile(folder.join(name), "");
  }
}

Deno.test("listPhotos() finds photos of all folders below, in an order of their own", async () => {
  await using folder = await TemporaryFolder.create();
  await touch(folder, "b/2.png", "b/10.PNG", "a.jpg", "ä.Jpeg", "Z.webp", "b.tif", "b/c/d/e.avif");
  await touch(folder, "notes.txt", "b/film.mp4", "jpg", "c.jpg.part", "b/c/x.svg");
  const { names, unreadable } = await listPhotos(folder.path);
  assert.deepEqual(names, [
    "Z.webp",
    "a.jpg",
    "b.tif",
    "b/10.PNG",
    "b/2.png",
    "b/c/d/e.avif",
    "ä.Jpeg",
  ]);
  assert.deepEqual(unreadable, []);
});

Deno.test("listPhotos() leaves out what is hidden", async () => {
  await using folder = await TemporaryFolder.create();
  await touch(folder, "a.jpg", "._a.jpg", ".thumbnails/a.jpg", ".jpg");
  assert.deepEqual((await listPhotos(folder.path)).names, ["a.jpg"]);
});

Deno.test("listPhotos() follows links, but lists no folder twice", async () => {
  await using folder = await TemporaryFolder.create();
  await using elsewhere = await TemporaryFolder.create();
  await touch(elsewhere, "there.jpg");
  await touch(folder, "album/real/1.jpg", "album/real/2.jpg");
  await symlink("..", folder.join("album/loop"));
  await symlink("real", folder.join("album/also_real"));
  await symlink(elsewhere.path, folder.join("album/outside"));
  await symlink("real/1.jpg", folder.join("album/one_more.jpg"));
  await symlink("nowhere", folder.join("album/broken.jpg"));
  assert.deepEqual((await listPhotos(folder.path)).names, [
    "album/broken.jpg",
    "album/one_more.jpg",
    "album/outside/there.jpg",
    "album/real/1.jpg",
    "album/real/2.jpg",
  ]);
});

Deno.test("listPhotos() that stays within names links that lead out, and follows the others", async () => {
  await using folder = await TemporaryFolder.create();
  await using elsewhere = await TemporaryFolder.create();
  await touch(elsewhere, "there.jpg", "deep/er.jpg");
  await touch(folder, "album/real/1.jpg", "album-2/2.jpg");
  await symlink(elsewhere.path, folder.join("album/outside"));
  await symlink(elsewhere.join("there.jpg"), folder.join("album/file.jpg"));
  // Out by way of a link within, and to a neighbour whose name begins alike.
  await symlink("../outside/deep", folder.join("album/real/deep"));
  await symlink("../../album-2", folder.join("album/real/neighbour"));
  await symlink("real/1.jpg", folder.join("album/within.jpg"));
  const { names, unreadable } = await listPhotos(folder.join("album"), { stayWithin: true });
  assert.deepEqual(names, ["real/1.jpg", "within.jpg"]);
  const led = unreadable.map(({ name }) => name).sort();
  assert.deepEqual(led, ["file.jpg", "outside", "real/deep", "real/neighbour"]);
  assert.match(unreadable[0]?.reason ?? "", /leads out/);
});

Deno.test("listPhotos() names folders that cannot be listed, and tells no path of the machine", async () => {
  await using folder = await TemporaryFolder.create();
  await touch(folder, "a.jpg", "album/b.jpg");
  await using _shut = await makeUnlistable(folder, "album");
  const { names, unreadable } = await listPhotos(folder.path);
  assert.deepEqual(names, ["a.jpg", "album/b.jpg"]);
  assert.equal(unreadable.length, 1);
  const { name, reason } = unreadable[0]!;
  assert.match(name, /^album\/ddd/);
  assert.equal(reason, "cannot be listed (ENAMETOOLONG: name too long)");
});

Deno.test("listPhotos() takes a link to the folder for the folder", async () => {
  await using folder = await TemporaryFolder.create();
  await touch(folder, "real/1.jpg");
  await symlink("real", folder.join("link"));
  const direct = await listPhotos(folder.join("real"));
  assert.deepEqual(await listPhotos(folder.join("link")), direct);
});

const MISTAKES = [
  {
    what: "a missing folder",
    path: "none",
    code: "not_found",
    message: /The folder .*none does not exist; check/,
  },
  {
    what: "a folder below a file",
    path: "full/a.txt/b",
    code: "not_found",
    message: /does not exist/,
  },
  {
    what: "a file",
    path: "full/a.txt",
    code: "invalid_argument",
    message: /a\.txt is a file; give the folder/,
  },
  {
    what: "a folder without photos",
    path: "full",
    code: "invalid_argument",
    message: /There is no photo in .*full, nor .*\.jpg.*\.avif/,
  },
] as const;

for (const { what, path, code, message } of MISTAKES) {
  Deno.test(`listPhotos() says so of ${what}`, async () => {
    await using folder = await TemporaryFolder.create();
    await touch(folder, "full/a.txt", "full/deep/b.txt");
    await assert.rejects(listPhotos(folder.join(path)), (error) => {
      assert.ok(error instanceof TinctError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("listPhotos() stops at its signal", async () => {
  await using folder = await TemporaryFolder.create();
  await touch(folder, "a.jpg");
  const reason = new Error("enough");
  await assert.rejects(listPhotos(folder.path, { signal: AbortSignal.abort(reason) }), reason);
});
