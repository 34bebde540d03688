import assert from "assert";
import { photoLibrary } from "../../src/images/photo_library.ts";
import { photoBytes, photoPath } from "./test_photos.ts";

Deno.test("photoLibrary() loads the six formats from memory, and nothing else", async () => {
  const library = photoLibrary();
  assert.equal((await library(await photoBytes("cat.jpg")).metadata()).format, "jpeg");
  const bitmap = new TextEncoder().encode("P6\n1 1\n255\nabc");
  await assert.rejects(library(bitmap).metadata(), /unsupported image format/);
  await assert.rejects(library(photoPath("cat.jpg")).metadata(), /unsupported image format/);
});

Deno.test("photoLibrary() keeps nothing and gives each photo one thread", () => {
  const library = photoLibrary();
  assert.equal(library.concurrency(), 1);
  assert.equal(library.cache().items.max, 0);
});
