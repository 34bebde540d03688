import assert from "assert";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cutTiles } from "../../bench/photos/cut_tiles.ts";
import type { FetchedPhoto } from "../../bench/photos/fetch_photos.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { squashPicture } from "../../src/images/squash.ts";
import { renderScene } from "../../src/scenes/scenes.ts";

const source: FetchedPhoto["source"] = {
  ...{ from: "npm", name: "scenes", license: "none", photos: /png$/ },
};

Deno.test("cutTiles() takes a photograph once, however many sizes of it there are", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await mkdir(join(folder, "photos"));
    const photos: FetchedPhoto[] = [];
    const side = 160;
    for (let index = 0; index < 12; index++) {
      const rgb = renderScene(index, { size: side, seed: 5 });
      const picture = { width: side, height: side, rgb };
      for (const size of [160, 120, 100]) {
        const scaled = size === side ? rgb : await squashPicture(picture, size);
        const bytes = await encodePhoto({ width: size, height: size, rgb: scaled }, {
          format: "png",
        });
        const path = join(folder, "photos", `${index}-${size}.png`);
        await writeFile(path, bytes);
        photos.push({ source, path });
      }
    }
    const { training, unseen, counts } = await cutTiles(photos, join(folder, "tiles"), 64);
    assert.equal(counts.training.photos + counts.unseen.photos, 12);
    // One tile of the whole and four of halves, 80 pixels each.
    for (const part of ["training", "unseen"] as const) {
      assert.equal(counts[part].tiles, 5 * counts[part].photos);
    }
    assert.equal((await readdir(training)).length, counts.training.tiles);
    assert.equal((await readdir(unseen)).length, counts.unseen.tiles);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
