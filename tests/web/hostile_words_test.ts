import assert from "assert";
import sharp from "sharp";
import type { Store } from "../../src/jobs/store.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { openPages } from "../../src/web_bundle/open_pages.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { BareWorkbench } from "../service/bare_workbench.ts";
import { answer, Scene } from "../service/scene.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";
import { readPhoto } from "../service/workshop.ts";
import { browserTest, openBrowserPage } from "./browser_page.ts";

/** Script where words belong, by a tag, by an attribute that is left, and by an address. */
const evil = `"><img src=x onerror="globalThis.evil=1"><script>globalThis.evil=1</script>` +
  `<a href="javascript:globalThis.evil=1">evil</a>`;

/** Finds photos with such names. */
class EvilWorkbench extends BareWorkbench {
  override async inspect() {
    const report = await super.inspect();
    const kind = "PHOTO_PROBLEM_KIND_BROKEN" as const;
    return {
      ...report,
      brokenPhotos: 1,
      problems: [{ fileName: `${evil}.jpg`, kind, message: evil }],
      duplicatePhotos: 1,
      duplicates: [{ fileNames: [`${evil}.jpg`, "b.jpg"], photos: 2 }],
      otherFormats: { [evil]: 3 },
    } as unknown as Awaited<ReturnType<BareWorkbench["inspect"]>>;
  }
}

class EvilWorkforce extends StoreWorkforce {
  override readonly workbench = new EvilWorkbench();
}

browserTest(
  "script in names, labels, file names, log lines and EXIF does not run where it is shown",
  async () => {
    await using cache = await TemporaryFolder.create();
    await using scene = await Scene.open(
      {},
      (store: Store) => Promise.resolve(new EvilWorkforce(store)),
      { pages: await openPages(cache.path) },
    );
    const asked = {
      dataset: "meadow",
      displayName: evil.slice(0, 120),
      labels: { set: evil.slice(0, 60) },
    };
    const { job } = await answer<TrainResponse__Output>((back) =>
      scene.colorization.train(asked, back)
    );
    const { jobId } = job!;
    await scene.store.events.append(jobId, [
      {
        kind: "log",
        payload: { level: "LOG_LEVEL_WARNING", message: evil, fields: { kind: evil } },
      },
    ]);
    await using browser = await openBrowserPage();
    const { page, complaints } = browser;
    const base = scene.server.webUrl;
    /** Goes to a page and waits for a part of the words, as text. */
    const see = async (path: string, place: string, press?: string) => {
      await page.goto(`${base}/#/${path}`);
      if (press !== undefined) await page.getByText(press).first().click();
      await page.locator(place, { hasText: "onerror" }).first().waitFor();
      assert.equal(await page.evaluate(() => "evil" in globalThis), false, path);
      const tags = await page.locator('main img[src="x"], main a[href^="javascript"], main script');
      assert.equal(await tags.count(), 0, path);
    };
    await see("", "main");
    await see(`jobs/${jobId}`, ".log");
    await see("datasets", "main", "Photos, and what is odd");
    // A photo whose name and EXIF are such.
    const exif = { IFD0: { ImageDescription: evil, Artist: evil, Copyright: evil } };
    const buffer = await sharp(await readPhoto("cat.jpg")).withExif(exif).jpeg().toBuffer();
    await page.goto(`${base}/#/colorize`);
    const name = `${evil.replaceAll("/", "_")}.jpg`;
    await page.locator('input[type="file"]').first().setInputFiles({
      name,
      mimeType: "image/jpeg",
      buffer,
    });
    await page.locator("main", { hasText: "onerror" }).first().waitFor();
    assert.equal(await page.evaluate(() => "evil" in globalThis), false, "colorize");
    assert.deepEqual(complaints, []);
  },
);
