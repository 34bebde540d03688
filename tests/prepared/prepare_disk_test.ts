import assert from "assert";
import { copyFile, mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import process from "node:process";
import { TinctError } from "../../src/errors.ts";
import { preparePhotos } from "../../src/prepared/prepare_photos.ts";
import { PreparedWriter, requireRoom } from "../../src/prepared/prepared_writer.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { errorUnderFileLimit } from "../files/limited_process.ts";
import { photoPath } from "../images/test_photos.ts";

async function photosIn(folder: TemporaryFolder, count: number): Promise<string> {
  const photos = folder.join("photos");
  await mkdir(photos);
  for (let at = 0; at < count; at++) await copyFile(photoPath("scan.tiff"), `${photos}/${at}.tiff`);
  return photos;
}

function isNoRoom(error: unknown, folder: string): boolean {
  assert.ok(error instanceof TinctError, String(error));
  assert.equal(error.code, "resource_exhausted");
  assert.ok(error.message.includes(` in ${folder}, and `), error.message);
  assert.match(
    error.message,
    /^The prepared photos need up to [\d,.]+ \w+ in .*; free some space, /,
  );
  return true;
}

Deno.test("requireRoom() refuses what the disk cannot hold, naming the folder and both numbers", async () => {
  await using folder = await TemporaryFolder.create();
  await requireRoom(folder.path, 1);
  await assert.rejects(requireRoom(folder.path, 2 ** 60), (error) => {
    assert.match(
      String(error),
      /need up to 1,152,921\.51 TB in .*, and only 0\.\d\d TB are free there;/,
    );
    return isNoRoom(error, folder.path);
  });
});

Deno.test("preparePhotos() refuses before it starts when the disk is too small", async () => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 2_000_000);
  if (!disk) return;
  const photos = await photosIn(folder, 12);
  const onProgress = () => assert.fail("it has started");
  await assert.rejects(
    preparePhotos(photos, { size: 256, cacheFolder: disk.path, onProgress }),
    (error) => isNoRoom(error, disk.path),
  );
  assert.deepEqual(await readdir(disk.path), []);
});

Deno.test("preparePhotos() gives way when the disk fills up meanwhile", async () => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 4_000_000);
  if (!disk) return;
  const photos = await photosIn(folder, 12);
  const options = { size: 256, cacheFolder: disk.path, concurrency: 1 };
  const filler = `${disk.path}/filler`;
  const onProgress = () => void writeFile(filler, new Uint8Array(3_500_000)).catch(() => {});
  await assert.rejects(
    preparePhotos(photos, { ...options, onProgress }),
    (error) => isNoRoom(error, disk.path),
  );
  await rm(filler, { force: true });
  assert.deepEqual(await readdir(disk.path), []);
  await using set = await preparePhotos(photos, options);
  assert.equal(set.count, 12);
});

Deno.test("preparePhotos() gives way when a file may not grow so large", async () => {
  if (process.platform === "win32") return;
  await using folder = await TemporaryFolder.create();
  const photos = await photosIn(folder, 4);
  const cacheFolder = folder.join("cache");
  const { code, message } = await errorUnderFileLimit(
    "prepared/prepare_photos.ts",
    // 12.6 MB a photo: the third one is too much.
    "preparePhotos(Deno.args[0], { size: 2048, cacheFolder: Deno.args[1] })",
    [photos, cacheFolder],
  );
  assert.equal(code, "resource_exhausted", message);
  assert.match(
    message,
    /need up to 50\.\d MB in .*cache, and the file would exceed the largest size allowed here; raise the limit \(`ulimit -f`\), choose another cache folder or a smaller size\.$/,
  );
  assert.deepEqual(await readdir(cacheFolder), []);
});

Deno.test("preparePhotos() says so when the cache folder cannot be made", async () => {
  await using folder = await TemporaryFolder.create();
  const photos = await photosIn(folder, 1);
  const cacheFolder = `${photos}/0.tiff/cache`;
  await assert.rejects(preparePhotos(photos, { size: 32, cacheFolder }), (error) => {
    assert.ok(error instanceof TinctError, String(error));
    assert.match(
      error.message,
      /The cache folder .*cache cannot be used .*; choose another/,
    );
    return true;
  });
});

Deno.test("PreparedWriter removes what dead processes left, and only that", async () => {
  await using folder = await TemporaryFolder.create();
  const names = [
    ".preparing-123-0123abcd",
    ".preparing-124-0123abcd",
    ".preparing-x",
    "photos.rgb",
  ];
  for (const name of names) await writeFile(folder.join(name), "");
  const longAgo = Date.now() / 1000 - 61 * 60;
  for (const name of [names[0]!, names[2]!, names[3]!]) {
    await utimes(folder.join(name), longAgo, longAgo);
  }
  await using writer = await PreparedWriter.create(folder.path, 0);
  assert.ok(writer);
  const left = (await readdir(folder.path)).filter((name) => names.includes(name));
  assert.deepEqual(left.sort(), [names[1], names[2], names[3]].sort());
});
