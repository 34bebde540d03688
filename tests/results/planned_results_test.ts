import assert from "assert";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import sharp from "sharp";
import { findPhotos } from "../../src/results/photo_inputs.ts";
import { planResults } from "../../src/results/planned_results.ts";
import type { EncodeFormat } from "../../src/images/encode_format.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { photoPath } from "../images/test_photos.ts";

type Content = "jpeg" | "png" | "gif";

async function put(folder: TemporaryFolder, names: Readonly<Record<string, Content | "text">>) {
  const pixel = sharp({ create: { width: 2, height: 2, channels: 3, background: "#888" } });
  const gif = await pixel.clone().gif().toBuffer();
  for (const [name, content] of Object.entries(names)) {
    const path = folder.join("in", name);
    await mkdir(dirname(path), { recursive: true });
    if (content === "text") await writeFile(path, "no photo");
    else if (content === "gif") await writeFile(path, gif);
    else await copyFile(photoPath(content === "png" ? "alpha.png" : "cat.jpg"), path);
  }
}

/** What becomes of the files, as "place → result", in their order. */
async function plan(folder: TemporaryFolder, format: EncodeFormat | "same" = "same") {
  const outFolder = folder.join("out");
  const { photos } = await findPhotos([folder.join("in")], { outFolder });
  const planned = await planResults(photos, { outFolder, format });
  return planned.map(({ place, result }) =>
    `${place} → ${result && `${relative(outFolder, result.path)} ${result.format}`}`
  );
}

Deno.test("two photos that would become one file get two names, whatever their own endings", async () => {
  await using folder = await TemporaryFolder.create();
  await put(folder, {
    "cat.gif": "gif",
    "cat.png": "png",
    "dog.jpg": "jpeg",
    "dog.jpeg": "jpeg",
    "DOG.JPG": "jpeg",
    "sub/cat.gif": "gif",
    "wrong.jpg": "png",
    "wrong.png": "png",
  });
  assert.deepEqual(await plan(folder), [
    "DOG.JPG → DOG.JPG jpeg",
    "cat.gif → cat.png png",
    "cat.png → cat-2.png png",
    "dog.jpeg → dog.jpeg jpeg",
    "dog.jpg → dog-2.jpg jpeg", // where "DOG.JPG" and "dog.jpg" are one file
    "sub/cat.gif → sub/cat.png png",
    "wrong.jpg → wrong.png png",
    "wrong.png → wrong-2.png png",
  ]);
  assert.deepEqual((await plan(folder, "jpeg")).slice(1, 5), [
    "cat.gif → cat.jpg jpeg",
    "cat.png → cat-2.jpg jpeg",
    "dog.jpeg → dog.jpeg jpeg",
    "dog.jpg → dog-2.jpg jpeg",
  ]);
});

Deno.test("a name with a number is taken from no other photo, and what is no photo takes none", async () => {
  await using folder = await TemporaryFolder.create();
  await put(folder, { "a.gif": "gif", "a.jpg": "text", "a.png": "png", "a-2.png": "png" });
  assert.deepEqual(await plan(folder), [
    "a-2.png → a-2.png png",
    "a.gif → a.png png",
    "a.jpg → undefined",
    "a.png → a-3.png png",
  ]);
});

Deno.test("names that become too long are shortened, and stay apart", async () => {
  await using folder = await TemporaryFolder.create();
  const long = "n".repeat(251), wide = "写".repeat(83); // 251 and 249 bytes
  await put(folder, {
    [`${long}.gif`]: "gif",
    [`${long}.png`]: "png",
    [`${wide}.jpg`]: "jpeg",
  });
  const names = (await plan(folder, "webp")).map((line) => / → (.*) webp$/.exec(line)?.[1] ?? "");
  assert.deepEqual(names, [
    `${"n".repeat(250)}.webp`,
    `${"n".repeat(248)}-2.webp`,
    `${"写".repeat(83)}.webp`,
  ]);
  for (const name of names) assert.ok(Buffer.byteLength(basename(name)) <= 255);
});
