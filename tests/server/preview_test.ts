import assert from "assert";
import { symlink, writeFile } from "node:fs/promises";
import sharp from "sharp";
import type { PreviewPhotosResponse__Output } from "../../src/protocol/generated/tinct/v1/preview_photos_response.ts";
import { answer } from "../service/scene.ts";
import { openWorkingScene } from "../service/working_scene.ts";
import { paintScenes } from "../service/workshop.ts";

Deno.test("PreviewPhotos makes small pictures of a dataset's photos, and of nothing else", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const folder = scene.join("photos", "scenes");
  await sharp({ create: { width: 400, height: 100, channels: 3, background: "#b04020" } }).png()
    .toFile(scene.join("photos", "scenes", "wide.png"));
  await writeFile(`${folder}/broken.jpg`, "no photo");
  await paintScenes(scene.join("elsewhere"), 1);
  await symlink(scene.join("elsewhere", "scene-0.png"), `${folder}/link.png`);
  const ask = (fileNames: string[], maxSide = 0) =>
    answer<PreviewPhotosResponse__Output>((back) =>
      scene.datasets.previewPhotos({ dataset: "scenes", fileNames, maxSide }, back)
    );
  const names = ["wide.png", "broken.jpg", "scene-3.png", "../../tinct.db", "link.png", "none.png"];
  const { photos } = await ask(names);
  assert.deepEqual(photos.map(({ fileName }) => fileName), names);
  const [wide, broken, scene3, ...others] = photos;
  assert.deepEqual([wide?.width, wide?.height], [400, 100]);
  const { format, width, height } = await sharp(wide?.image).metadata();
  assert.deepEqual([format, width, height], ["jpeg", 160, 40]);
  const { data } = await sharp(wide?.image).raw().toBuffer({ resolveWithObject: true });
  // One colour, so that JPEG's rounding is all that can change it.
  [0xb0, 0x40, 0x20].forEach((value, at) =>
    assert(Math.abs(data[at]! - value) <= 3, `${data[at]}`)
  );
  assert.equal(broken?.image.length, 0);
  assert.match(broken?.fault?.message ?? "", /broken\.jpg/);
  assert.deepEqual([scene3?.width, scene3?.fault ?? null], [32, null]);
  for (const { image, fault, fileName } of others) {
    assert.equal(image.length, 0, fileName);
    assert(fault && [5, 7].includes(fault.code), `${fileName}: ${fault?.code} ${fault?.message}`);
  }
  const small = await ask(["wide.png"], 16);
  assert.equal((await sharp(small.photos[0]?.image).metadata()).width, 16);
  assert.deepEqual((await ask([])).photos, []);
});
