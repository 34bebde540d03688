import assert from "assert";
import { decodePhoto } from "../../src/images/decode.ts";
import { photoLibrary } from "../../src/images/photo_library.ts";
import { photoBytes, photoFile, photoPath } from "./test_photos.ts";

Deno.test("photoLibrary() loads the six formats from memory, and nothing else", async () => {
  const library = photoLibrary();
  assert.equal((await library(await photoBytes("cat.jpg")).metadata()).format, "jpeg");
  const bitmap = new TextEncoder().encode("P6\n1 1\n255\nabc");
  await assert.rejects(library(bitmap).metadata(), /unsupported image format/);
  await assert.rejects(library(photoPath("cat.jpg")).metadata(), /unsupported image format/);
});

Deno.test("photoLibrary() draws no SVG, whatever it claims to be", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  for (const drawing of [svg, `<?xml version="1.0"?>${svg}`, `<!--ftypavif-->${svg}`]) {
    const bytes = new TextEncoder().encode(drawing);
    await assert.rejects(photoLibrary()(bytes).metadata(), /unsupported image format/);
  }
  const disguised = await photoFile("odd/svg-as-avif.avif");
  await assert.rejects(decodePhoto(disguised), /is an SVG drawing or other XML; Tinct reads/);
});

Deno.test("photoLibrary() keeps nothing and gives each photo one thread", () => {
  const library = photoLibrary();
  assert.equal(library.concurrency(), 1);
  assert.equal(library.cache().items.max, 0);
});
