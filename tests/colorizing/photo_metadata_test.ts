import assert from "assert";
import { decodePhoto } from "../../src/images/decode.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import { piecesOf } from "../../src/protocol/pieces.ts";
import { receive } from "../../src/protocol/receive.ts";
import { send } from "../../src/protocol/send.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { ending } from "../service/scene.ts";
import { openWorkingScene } from "../service/working_scene.ts";
import { photoFile } from "../images/test_photos.ts";

Deno.test("results keep a photo's metadata unless told otherwise, and say what they leave out", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const jobId = await drawnJob(scene.store, scene.folder.path);
  const model = { checkpoint: { jobId } };
  const colorize = async (image: Uint8Array, settings = {}) => {
    const made = await ending<ColorizeResponse__Output>((back) =>
      scene.colorization.colorize({ image: Buffer.from(image), model, ...settings }, back)
    );
    assert.ok("ok" in made, JSON.stringify(made));
    return made.ok;
  };
  const rich = await photoFile("scans/rich.jpg");
  const kept = await colorize(rich);
  const { metadata, width, height } = await decodePhoto(kept.image);
  assert.deepEqual([width, height, kept.pagesLeftOut], [300, 451, 0]);
  assert.equal(Math.round(metadata.resolution!.x), 200);
  assert.ok(metadata.exif!.place.length > 0 && metadata.exif!.taken.length > 0 && metadata.xmp);
  const stripped = await decodePhoto((await colorize(rich, { stripMetadata: true })).image);
  assert.equal(Math.round(stripped.metadata.resolution!.x), 200);
  assert.deepEqual([stripped.metadata.exif, stripped.metadata.xmp], [undefined, undefined]);
  assert.equal((await colorize(await photoFile("pages/anim.gif"))).pagesLeftOut, 2);

  const call = scene.colorization.colorizeStream();
  const photos = { pages: await photoFile("pages/three-pages.tiff"), rich };
  for (const [photoId, photo] of Object.entries(photos)) {
    for (const piece of piecesOf(photo)) {
      await send(call, {
        photoId,
        ...piece,
        settings: { model, stripMetadata: photoId === "rich" },
      });
    }
  }
  call.end();
  const left: Record<string, number> = {};
  for await (const { photoId, photo, data, fault } of receive(call)) {
    assert.equal(fault, null);
    left[photoId] = photo!.pagesLeftOut;
    if (photoId === "rich") assert.equal((await decodePhoto(data)).metadata.exif, undefined);
  }
  assert.deepEqual(left, { pages: 2, rich: 0 });
});
