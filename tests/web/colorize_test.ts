import assert from "assert";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { setTimeout as pass } from "node:timers/promises";
import type { Download } from "playwright-core";
import sharp from "sharp";
// @ts-types="npm:@types/yauzl@3.4.0"
import { openPromise } from "yauzl";
import { labOf } from "../../src/web_parts/pictures/lab.ts";
import { openPages } from "../../src/web_bundle/open_pages.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { photoBytes, photoPath } from "../images/test_photos.ts";
import { answer } from "../service/scene.ts";
import { openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";
import { browserTest, openBrowserPage, seriousFaults, showsCount } from "./browser_page.ts";

/** R, G and B of a picture's pixels, upright. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

async function pixelsOf(file: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(file).rotate().removeAlpha().toColourspace("srgb").raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function labAt({ width, data }: Pixels, x: number, y: number): [number, number, number] {
  const at = 3 * (Math.floor(y) * width + Math.floor(x));
  return labOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Colours of every seventh pixel. */
function someLabs(pixels: Pixels): [number, number, number][] {
  const count = pixels.width * pixels.height;
  return Array.from(
    { length: Math.floor(count / 7) },
    (_, index) => labAt(pixels, (7 * index) % pixels.width, Math.floor(7 * index / pixels.width)),
  );
}

async function bytesOf(download: Download): Promise<Uint8Array> {
  return new Uint8Array(await readFile(await download.path()));
}

/** The files of a zip by their names, as another library unpacks them. */
async function unzipped(path: string): Promise<Map<string, Uint8Array>> {
  const zip = await openPromise(path);
  const files = new Map<string, Uint8Array>();
  for await (const entry of zip.eachEntry()) {
    files.set(
      entry.fileName,
      new Uint8Array(await buffer(await zip.openReadStreamPromise(entry))),
    );
  }
  return files;
}

/** A gray photo of 12 megapixels whose grain makes every JPEG of it large. */
function paintLargePhoto(): Promise<Buffer> {
  const [width, height] = [4000, 3000];
  const data = new Uint8Array(width * height);
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = 60 + 100 * (at % width) / width + (state >>> 26);
  }
  return sharp(data, { raw: { width, height, channels: 1 } }).jpeg({ quality: 95 }).toBuffer();
}

/** Chromium drops downloads past ten within a second, without a word. */
const BURST_MS = 1100;

browserTest("colorizing in a browser", async (step) => {
  await using cache = await TemporaryFolder.create();
  await using working = await openWorkingScene({ pages: await openPages(cache.path) });
  const { scene } = working;
  const jobId = await working.train({
    ...smallConfig,
    ...{ validateEvery: 0, sampleEvery: 0, checkpointEvery: 30, maxSteps: 60 },
    lrG: 0.003, // so that it has colours by then
  });
  await watchUntil(scene, { jobId }, (event) => stateOf(event) === "SUCCEEDED");
  for (const [name, at] of [["first", 30], ["second", 60]] as const) {
    const checkpoint = { jobId, step: at };
    await answer((back) => scene.models.promoteCheckpoint({ name, checkpoint }, back));
  }
  await using opened = await openBrowserPage();
  const { page, complaints, asked } = opened;
  const base = scene.server.webUrl;
  const photos = page.getByLabel("Photos", { exact: true }).and(page.locator("input"));
  const photo = (name: string) => page.locator(".photo", { hasText: name });
  /** Waits until a photo has its newest result, and shows it. */
  const done = async (name: string) => {
    await photo(name).click();
    await photo(name).locator(".done, .doubts").waitFor();
  };
  const links = page.locator("a[download]");
  const download = async (act: () => Promise<unknown>) => {
    const [saved] = await Promise.all([page.waitForEvent("download"), act()]);
    return saved;
  };
  /** What the photo that is looked at is saved as. */
  const result = async (index = 0) => await bytesOf(await download(() => links.nth(index).click()));
  /** Makes what changes the result, and waits for another one. */
  const changed = async (act: () => Promise<unknown>) => {
    const before = await links.first().getAttribute("href");
    await act();
    await page.locator(`a[download]:not([href="${before}"])`).first().waitFor();
    await page.locator(".photo[aria-current=true]").locator(".done, .doubts").waitFor();
  };
  /** Where a point of the photo is on the screen. */
  const onScreen = async (x: number, y: number) => {
    const image = page.locator("img.stage-before").first();
    const box = await image.boundingBox();
    const width = await page.evaluate<number>(
      'document.querySelector("img.stage-before").naturalWidth',
    );
    assert(box);
    const scale = box.width / width;
    return [box.x + (x + 0.5) * scale, box.y + (y + 0.5) * scale] as const;
  };
  const draw = async (from: readonly [number, number], to: readonly [number, number]) => {
    await page.mouse.move(...await onScreen(...from));
    await page.mouse.down();
    await page.mouse.move(...await onScreen(...to), { steps: 5 });
    await page.mouse.up();
  };
  const coffee = await pixelsOf(await photoBytes("coffee.png"));
  /** Two points of like, middle lightness. */
  const [from, to] = ((): (readonly [number, number])[] => {
    for (let y = 20; y < coffee.height - 20; y += 5) {
      for (let x = 20; x < coffee.width - 60; x += 5) {
        const line = Array.from({ length: 41 }, (_, at) => labAt(coffee, x + at, y)[0]);
        if (line.every((L) => L > 42 && L < 62)) return [[x, y], [x + 40, y]];
      }
    }
    return assert.fail("coffee.png has no such line");
  })();
  assert(from && to);

  let plain: Uint8Array = new Uint8Array();
  await step("a photo comes back in colour, with its lightness", async () => {
    await page.goto(`${base}/#/colorize?model=first`);
    await photos.setInputFiles(photoPath("coffee.png"));
    await done("coffee.png");
    plain = await result();
    const colored = await pixelsOf(plain);
    assert.deepEqual([colored.width, colored.height], [coffee.width, coffee.height]);
    const [before, after] = [someLabs(coffee), someLabs(colored)];
    // Half a step of 8 bits in each channel moves L* by up to 0.2 in the mean, and the darkest more.
    const off = before.map(([L], at) => Math.abs(L - (after[at]?.[0] ?? 0)));
    assert(mean(off) < 0.3, `L is off by ${mean(off)}`);
    assert(mean(after.map(([, a, b]) => Math.hypot(a, b))) > 0.5, "it has colour");
    const facts = await page.locator(".stage-card .stack").first().innerText();
    assert.match(facts, /first version 1 · \d+ × \d+ · [\d.]+ kB · .*model [\d.]+ m?s/);
  });

  await step("a stroke gives its colour, undo and eraser take it off again", async () => {
    await page.keyboard.press("b");
    await changed(() => draw(from, to));
    const colored = await pixelsOf(await result());
    for (const x of [from[0] + 5, from[0] + 20, to[0] - 5]) {
      const [L, a, b] = labAt(colored, x, from[1]);
      assert(Math.hypot(a - 45, b - 30) < 5, `a ${a}, b ${b} under the stroke`);
      assert(Math.abs(L - labAt(coffee, x, from[1])[0]) < 1, "and its own lightness");
    }
    await page.getByRole("button", { name: "Erase" }).click();
    await changed(() => draw(from, to));
    assert.deepEqual(await result(), plain, "erased strokes are none");
    await changed(() => page.keyboard.press("z"));
    await changed(() => page.keyboard.press("z"));
    assert.deepEqual(await result(), plain, "undone strokes are none");
  });

  await step("a hint gives its colour, by pointer and by keyboard", async () => {
    await page.keyboard.press("h");
    const [x, y] = await onScreen(...from);
    await changed(() => page.mouse.click(x, y));
    await changed(async () => {
      await page.locator(".disc").focus();
      await page.keyboard.press("Shift+ArrowLeft");
    });
    const [, a, b] = labAt(await pixelsOf(await result()), ...from);
    assert(Math.hypot(a - 40, b - 30) < 2, `a ${a}, b ${b} at the hint, to the rounding of 8 bits`);
    await changed(async () => {
      await page.locator(".pin").focus();
      await page.keyboard.press("Delete");
    });
    assert.deepEqual(await result(), plain);
    await changed(async () => {
      await page.locator(".pane").focus();
      await page.keyboard.press("Enter");
    });
    await showsCount(page.locator(".pin"), 1);
    await changed(() => page.getByRole("button", { name: "Clear" }).click());
  });

  await step("saturation 0 is nearly gray, which the page says", async () => {
    const slider = page.locator("label", { hasText: "Saturation" }).locator("input");
    await changed(() => slider.fill("0"));
    await page.locator(".note", { hasText: "first: nearly gray" }).waitFor();
    assert.match(await photo("coffee.png").innerText(), /doubts/);
    await changed(() => slider.fill("1"));
  });

  await step("a reference gives its palette", async () => {
    const wanted = someLabs(await pixelsOf(await photoBytes("rocket.jpg")));
    const middle = (labs: [number, number, number][], channel: 1 | 2) =>
      mean(labs.map((each) => each[channel]));
    const away = (labs: [number, number, number][]) =>
      Math.hypot(middle(labs, 1) - middle(wanted, 1), middle(labs, 2) - middle(wanted, 2));
    const before = away(someLabs(await pixelsOf(plain)));
    await changed(() =>
      page.getByLabel("Picture whose palette results get").setInputFiles(photoPath("rocket.jpg"))
    );
    const after = away(someLabs(await pixelsOf(await result())));
    assert(after < before, `${after} away from the reference, where it was ${before}`);
    assert(await page.locator(".swatches button").count() > 0);
    await changed(() => page.getByRole("button", { name: "Take it off" }).click());
    assert.deepEqual(await result(), plain);
  });

  await step("two models stand side by side, with one divider, zoom and place", async () => {
    await page.getByLabel("Beside it").selectOption("second");
    await links.nth(1).waitFor();
    assert.notDeepEqual(await result(1), await result(0));
    await page.locator(".stack", { hasText: /The models (?:dis)?agree/ }).first().waitFor();
    await page.keyboard.press("m");
    const dividers = page.locator(".divider");
    await dividers.first().focus();
    await page.keyboard.press("Shift+ArrowLeft");
    for (const divider of await dividers.all()) {
      assert.equal(await divider.getAttribute("aria-valuenow"), "40");
    }
    await page.keyboard.press("1");
    await page.keyboard.press("+");
    await page.keyboard.press("1");
    const boxes = () =>
      page.evaluate<(readonly [number, string])[]>(
        `[...document.querySelectorAll("img.stage-after")].map(({ style }) =>
          [parseFloat(style.width) * devicePixelRatio, style.left])`,
      );
    const [one, other] = await boxes();
    assert.deepEqual(one, other);
    assert.equal(one?.[0], coffee.width, "one pixel of the photo on one of the screen");
    await page.locator(".pane").first().focus();
    await page.keyboard.press("ArrowRight");
    const [moved, along] = await boxes();
    assert.deepEqual(moved, along);
    assert.notDeepEqual(moved, one);
    await page.keyboard.press("0");
    await page.keyboard.press("t");
    await showsCount(page.locator("img.stage-after.gray"), 2);
    await page.keyboard.press("t");
  });

  await using folder = await TemporaryFolder.create();
  await step("a folder's photos come one by one; a broken one says why beside itself", async () => {
    await mkdir(folder.join("album", "sea"), { recursive: true });
    await copyFile(photoPath("cat.jpg"), folder.join("album", "sea", "cat.jpg"));
    await writeFile(folder.join("album", "broken.png"), "no picture");
    await writeFile(folder.join("album", "notes.txt"), "no photo");
    await page.getByLabel("A folder of photos").setInputFiles(folder.join("album"));
    await page.locator(".toast", { hasText: "1 file left out" }).waitFor();
    await done("sea/cat.jpg");
    await photo("broken.png").locator(".failed").waitFor();
    await photo("broken.png").click();
    await page.locator(".note-error", { hasText: "Try again" }).first().waitFor();
  });

  await step(
    "a photo on its side, and a TIFF, which no browser shows, are seen upright",
    async () => {
      await photos.setInputFiles([photoPath("exif_orientation_6.jpg"), photoPath("scan.tiff")]);
      for (const name of ["exif_orientation_6.jpg", "scan.tiff"]) {
        await done(name);
        const whole = await pixelsOf(await photoBytes(name));
        const colored = await pixelsOf(await result());
        assert.deepEqual([colored.width, colored.height], [whole.width, whole.height]);
        const seen = await page.evaluate<number[]>(`(async () => {
        const image = document.querySelector("img.stage-before");
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      })()`);
        assert.deepEqual(seen, [whole.width, whole.height]);
        const after = someLabs(colored);
        const off = mean(someLabs(whole).map(([L], at) => Math.abs(L - (after[at]?.[0] ?? 0))));
        assert(off < 2, `${name}: L is off by ${off}, more than JPEG makes it`);
      }
    },
  );

  await step("the zip has what each photo is saved as, byte for byte", async () => {
    const zip = await download(() => page.getByRole("button", { name: /All as zip/ }).click());
    assert.equal(zip.suggestedFilename(), "colorized.zip");
    const files = await unzipped(await zip.path());
    const names = ["coffee", "sea/cat", "exif_orientation_6", "scan"];
    assert.equal(files.size, 2 * names.length);
    for (const name of names) {
      await pass(BURST_MS);
      await done(name);
      for (const [index, model] of ["first", "second"].entries()) {
        const single = await download(() =>
          index === 0 ? page.keyboard.press("s") : links.nth(1).click()
        );
        const ending = single.suggestedFilename().replace(/^.*\./, "");
        const saved = files.get(`${name}-${model}-colorized.${ending}`);
        assert.deepEqual(await bytesOf(single), saved, `${name} by ${model}`);
      }
    }
  });

  await step("a photo that is pasted, and one that is dropped, come in colour, too", async () => {
    const bytes = (await photoBytes("rocket.jpg")).toString("base64");
    for (const [event, name] of [["paste", "pasted.jpg"], ["drop", "dropped.jpg"]] as const) {
      await page.evaluate(`(() => {
        const bytes = Uint8Array.from(atob("${bytes}"), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], "${name}", { type: "image/jpeg" }));
        const of = { bubbles: true, clipboardData: data, dataTransfer: data };
        const [on, event] = "${event}" === "paste"
          ? [window, new ClipboardEvent("paste", of)]
          : [document.querySelector(".pane"), new DragEvent("drop", of)];
        on.dispatchEvent(event);
      })()`);
      await done(name);
    }
  });

  await step("results are seen whole, beside gray where there is one model", async () => {
    await page.getByRole("button", { name: "Side by side" }).click();
    await showsCount(page.locator(".divider"), 0);
    await page.getByLabel("Beside it").selectOption("");
    await showsCount(page.locator("img.stage-after"), 1);
    assert.deepEqual(await page.locator("figcaption").allInnerTexts(), ["as it is", "first"]);
    await page.getByRole("button", { name: "Slide" }).click();
  });

  await step("Stop ends what is under way, and Go on takes it up again", async () => {
    await page.route("**/*ColorizeInPieces", () => {}); // no answer, ever
    await photos.setInputFiles(photoPath("alpha.png"));
    await photo("alpha.png").locator(".colorizing").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await photo("alpha.png").locator(".waiting").waitFor();
    await page.unroute("**/*ColorizeInPieces");
    await page.getByRole("button", { name: "Go on" }).click();
    await done("alpha.png");
  });

  await step("12 megapixels come back whole, by a server as it is by default", async () => {
    const path = folder.join("large.jpg");
    await writeFile(path, await paintLargePhoto());
    await photos.setInputFiles(path);
    await done("large.jpg");
    const large = await result();
    assert(large.length > 4 * 2 ** 20, `${large.length} bytes are more than one answer may have`);
    const { width, height } = await sharp(large).metadata();
    assert.deepEqual([width, height], [4000, 3000]);
  });

  await step("what was given is there after a look at another page", async () => {
    await page.route("**/*ColorizeInPieces", () => {}); // no answer, ever
    await photos.setInputFiles(photoPath("rgb16_icc.png"));
    await photo("rgb16_icc.png").locator(".colorizing").waitFor();
    await page.locator("nav").getByRole("link", { name: "Models" }).click();
    await page.locator("h1", { hasText: "Models" }).waitFor();
    await page.locator("nav").getByRole("link", { name: "Colorize" }).click();
    await photo("large.jpg").waitFor();
    await page.unroute("**/*ColorizeInPieces");
    await done("rgb16_icc.png"); // what was under way is taken up again
    await page.getByLabel("Take large.jpg off the list").focus();
    await page.keyboard.press("Enter");
    await photo("large.jpg").waitFor({ state: "detached" });
  });

  await step("axe finds nothing serious, and nothing scrolls sideways at 360 pixels", async () => {
    await page.keyboard.press("h");
    await changed(async () => {
      await page.locator(".pane").focus();
      await page.keyboard.press("Enter");
    });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const tool of ["h", "b"]) {
        await page.keyboard.press(tool);
        assert.deepEqual(await seriousFaults(page), [], `${tool}, ${colorScheme}`);
      }
    }
    await page.setViewportSize({ width: 360, height: 740 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert(width <= 360, `it is ${width} pixels wide`);
  });

  await step("nothing comes from elsewhere, and nothing complains", () => {
    const elsewhere = asked.filter((url) =>
      !url.startsWith(`${base}/`) && !/^(?:blob|data):/.test(url)
    );
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(complaints, []);
    return Promise.resolve();
  });
});
