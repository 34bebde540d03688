import assert from "assert";
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import type { Picture } from "../../src/server/fit_picture.ts";
import { SamplePictures, type WantedPicture } from "../../src/server/sample_pictures.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const never = new AbortController().signal;

/** A picture file of 8 x 8, said to have so many bytes. */
async function wantedIn(folder: TemporaryFolder, sizeBytes: number): Promise<WantedPicture> {
  const path = folder.join("sheet.png");
  const raw = { width: 8, height: 8, channels: 3 } as const;
  await writeFile(path, await sharp(new Uint8Array(192), { raw }).png().toBuffer());
  return { event: "job-a 5", path, sizeBytes, width: 8, height: 8, maxPixels: Infinity };
}

/** A delivery that goes on until it is told to end. */
function begin(pictures: SamplePictures, wanted: WantedPicture, signal = never) {
  const begun = Promise.withResolvers<Picture | undefined>();
  const end = Promise.withResolvers<void>();
  let isSending = false;
  const delivered = pictures.deliver(wanted, (picture) => {
    isSending = true;
    begun.resolve(picture);
    return end.promise;
  }, signal);
  return { delivered, begun: begun.promise, end: end.resolve, isSending: () => isSending };
}

Deno.test("only so many bytes of pictures are on their way; the others wait in order", async () => {
  await using folder = await TemporaryFolder.create();
  const wanted = await wantedIn(folder, 40);
  const pictures = new SamplePictures({ maxBytes: 100, maxWaitMs: 60_000 });
  const [first, second, third, fourth] = [40, 40, 60, 10].map((sizeBytes) =>
    begin(pictures, { ...wanted, sizeBytes })
  );
  const picture = await first!.begun;
  assert.equal(await second!.begun, picture, "it is read once for both");
  first!.end();
  assert.equal(await first!.delivered, true);
  await third!.begun;
  assert.equal(fourth!.isSending(), false);
  second!.end();
  await fourth!.begun;
  third!.end();
  fourth!.end();
  assert.deepEqual(await Promise.all([second!.delivered, third!.delivered, fourth!.delivered]), [
    true,
    true,
    true,
  ]);
});

Deno.test("a picture without room in time is left out; one whose watcher goes takes no room", async () => {
  await using folder = await TemporaryFolder.create();
  const wanted = await wantedIn(folder, 100);
  const pictures = new SamplePictures({ maxBytes: 100, maxWaitMs: 1 });
  const first = begin(pictures, wanted);
  await first.begun;
  assert.equal(await begin(pictures, wanted).delivered, false);
  const gone = AbortSignal.abort(new Error("gone"));
  await assert.rejects(begin(pictures, wanted, gone).delivered, /gone/);
  first.end();
  await first.delivered;
  const broken = pictures.deliver(wanted, () => Promise.reject(new Error("cut")), never);
  await assert.rejects(broken, /cut/);
  const last = begin(pictures, { ...wanted, path: folder.join("none.png"), event: "job-a 6" });
  assert.equal(await last.begun, undefined, "its file is gone");
  last.end();
  assert.equal(await last.delivered, true);
});
