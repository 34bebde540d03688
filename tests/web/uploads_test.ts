import assert from "assert";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GetDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/get_dataset_response.ts";
import type { ListDatasetFilesResponse__Output } from "../../src/protocol/generated/tinct/v1/list_dataset_files_response.ts";
import { promisify } from "node:util";
import { encodePhoto } from "../../src/images/encode.ts";
import { openPages } from "../../src/web_bundle/open_pages.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { answer, ending } from "../service/scene.ts";
import { openWorkingScene } from "../service/working_scene.ts";
import { paintScenes, smallConfig } from "../service/workshop.ts";
import { browserTest, openBrowserPage, seriousFaults, showsCount } from "./browser_page.ts";
import { CutConnection } from "../cut_connection.ts";

/** Writes a photo of noise, which no encoder makes small: about `side`² · 3 bytes. */
async function paintNoise(path: string, side: number): Promise<number> {
  const rgb = new Uint8Array(randomBytes(side * side * 3));
  const photo = await encodePhoto({ width: side, height: side, rgb }, { format: "png" });
  await writeFile(path, photo);
  return photo.byteLength;
}

/** The files of a folder and their content, by name. */
async function contentOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const entries = names.sort().map(async (path) =>
    [path.slice(folder.length + 1), (await readFile(path)).toString("base64")] as const
  );
  return new Map(await Promise.all(entries));
}

browserTest("uploads from a browser", async (step) => {
  await using folder = await TemporaryFolder.create();
  await using working = await openWorkingScene({ pages: await openPages(folder.join("cache")) });
  const { scene } = working;
  await using connection = await CutConnection.open(Number(new URL(scene.server.webUrl).port));
  const base = `http://127.0.0.1:${connection.port}`;
  await using browser = await openBrowserPage();
  const { page, complaints } = browser;
  const summer = folder.join("summer");
  await paintScenes(join(summer, "lake"), 5);
  await mkdir(join(summer, "sea"));
  for (const [name, text] of [["notes.txt", "a note"], ["sea/broken.jpg", "no photo"]] as const) {
    await writeFile(join(summer, name), text);
  }
  await writeFile(join(summer, ".DS_Store"), "a system's own");
  const zone = page.locator(".upload");
  const row = (dataset: string) => page.getByRole("region", { name: `Upload of ${dataset}` });
  const chooseFolder = (path: string) => page.getByLabel("Choose a folder").setInputFiles(path);

  await step(
    "a folder becomes a dataset as it does by gRPC, and a bad file spoils none",
    async () => {
      const names = [
        "lake/scene-0.png",
        "lake/scene-1.png",
        "lake/scene-2.png",
        "lake/scene-3.png",
      ];
      const all = [...names, "lake/scene-4.png", "sea/broken.jpg"];
      await answer((back) => scene.datasets.uploadPieces({ dataset: "by-grpc", pieces: [] }, back));
      for (const fileName of all) {
        const data = await readFile(join(summer, fileName));
        const pieces = [{ fileName, data, last: true }];
        await answer((back) => scene.datasets.uploadPieces({ dataset: "by-grpc", pieces }, back));
      }
      await answer((back) =>
        scene.datasets.uploadPieces({ dataset: "by-grpc", finish: true }, back)
      );

      await page.goto(`${base}/#/datasets`);
      await chooseFolder(summer);
      assert.equal(await page.getByLabel("Name of the new dataset").inputValue(), "summer");
      const note = await zone.locator(".bad-files li", { hasText: "notes.txt" }).innerText();
      assert.match(note, /is not read: photos are JPEG, PNG/);
      assert.equal(await zone.getByText(".DS_Store").count(), 0);
      await page.getByRole("button", { name: "Upload 6 photos" }).click();
      await row("summer").getByText("complete").waitFor();
      await row("summer").locator("li", { hasText: "broken.jpg" }).waitFor();

      assert.deepEqual(
        await contentOf(scene.join("datasets", "summer")),
        await contentOf(scene.join("datasets", "by-grpc")),
      );
      const [browsed, sent] = await Promise.all(
        ["summer", "by-grpc"].map((dataset) =>
          answer<GetDatasetResponse__Output>((back) => scene.datasets.getDataset({ dataset }, back))
        ),
      );
      assert.deepEqual({ ...browsed?.report, scanTime: 0 }, { ...sent?.report, scanTime: 0 });
    },
  );

  await step("the dataset's page hangs its photos, and says what is odd about each", async () => {
    const tile = page.getByRole("region", { name: "summer", exact: true });
    await tile.getByRole("link", { name: "Photos, and what is odd" }).click();
    const wall = page.getByRole("region", { name: "Photos", exact: true });
    await wall.locator("img").nth(4).waitFor();
    await showsCount(wall.locator("li"), 6);
    await wall.locator("li", { hasText: "lake/scene-0.png" }).getByText("32 × 32").waitFor();
    await wall.getByRole("button", { name: "Broken" }).click();
    await wall.locator("li", { hasText: "lake/scene-0.png" }).waitFor({ state: "detached" });
    const broken = await wall.locator("li").innerText();
    assert.match(broken, /sea\/broken\.jpg\s+broken/);
    assert.match(page.url(), /show=broken/);
    assert.deepEqual(await seriousFaults(page), []);
    await page.goto(`${base}/#/datasets`);
  });

  await step(
    "a name that is taken is at fault in its field, with the files still there",
    async () => {
      await chooseFolder(summer);
      await page.getByLabel("Name of the new dataset").fill("scenes");
      await page.getByRole("button", { name: "Upload 6 photos" }).click();
      await page.locator("#upload-problem", { hasText: "upload under another name" }).waitFor();
      await page.getByLabel("Name of the new dataset").fill("no name");
      await page.getByRole("button", { name: "Upload 6 photos" }).click();
      await page.locator("#upload-problem", { hasText: "1 to 64 letters" }).waitFor();
      await page.getByRole("button", { name: "Clear" }).click();
    },
  );

  const large = folder.join("large");
  await mkdir(large);
  // Calls have at most 4 MiB, so none brings the rest of the first photo and all of the second.
  const largeBytes = await paintNoise(join(large, "a.png"), 1100) +
    await paintNoise(join(large, "b.png"), 1600);

  await step("a cut upload goes on where it was, in the middle of a file", async () => {
    await chooseFolder(large);
    const before = connection.sentBytes;
    connection.cutAfter(1_800_000);
    await page.getByRole("button", { name: "Upload 2 photos" }).click();
    await row("large").getByText("complete").waitFor();
    assert.equal(connection.cuts, 1);
    assert.deepEqual(await contentOf(scene.join("datasets", "large")), await contentOf(large));
    // What was under way when it was cut is sent again: a call of at most 4 MiB, cut after 1.8 MB.
    const again = connection.sentBytes - before - largeBytes;
    assert(again < 1_900_000, `${again} bytes more than the photos have`);
  });

  await step("after the page is loaded again, the same photos go on where they were", async () => {
    const before = connection.sentBytes;
    await page.reload();
    await page.getByLabel("Choose a folder").waitFor();
    const arrived = async () => {
      const listed = await ending<ListDatasetFilesResponse__Output>((back) =>
        scene.datasets.listDatasetFiles({ dataset: "again" }, back)
      );
      return "ok" in listed ? listed.ok.files.map(({ fileName }) => fileName) : [];
    };
    // The first photo arrives, and of the second one no more than came with its end.
    await page.route("**/UploadPieces", async (route) => {
      if ((await arrived()).length === 0) await route.continue();
      else await route.abort();
    });
    await chooseFolder(large);
    await page.getByLabel("Name of the new dataset").fill("again");
    await page.getByRole("button", { name: "Upload 2 photos" }).click();
    await row("again").getByText("waits for the server").waitFor();
    await page.unroute("**/UploadPieces");
    await page.reload();
    const tile = page.getByRole("region", { name: "again", exact: true });
    await tile.getByText("not complete").waitFor();
    assert.deepEqual(await arrived(), ["a.png"]);
    await tile.getByRole("button", { name: "Go on uploading" }).click();
    await chooseFolder(large);
    await page.getByRole("button", { name: "Upload 2 photos" }).click();
    await row("again").getByText("complete").waitFor();
    assert.deepEqual(await contentOf(scene.join("datasets", "again")), await contentOf(large));
    const more = connection.sentBytes - before - largeBytes;
    assert(
      more < 200_000,
      `${more} bytes more than the photos have: headers, and the page's calls`,
    );
  });

  await step("a job starts on what was uploaded in its form", async () => {
    await page.goto(`${base}/#/new`);
    await chooseFolder(join(summer, "lake"));
    await page.getByLabel("Name of the new dataset").fill("lake");
    await page.getByRole("button", { name: "Upload 5 photos" }).click();
    await page.locator("#option-dataset", { hasText: "lake" }).waitFor();
    await page.waitForFunction('document.querySelector("#option-dataset").value === "lake"');
    await page.locator("button[type=submit]:not([disabled])").waitFor();
    const labels = page.getByLabel("Labels");
    await labels.fill(`set=${"x".repeat(300)}`);
    await page.locator(".problem", { hasText: "Labels" }).waitFor();
    assert.equal(await labels.getAttribute("aria-invalid"), "true");
    await labels.fill("set=lake");
    await page.locator(".problem", { hasText: "Labels" }).waitFor({ state: "detached" });
  });

  await step("an uploaded dataset is deleted after a question", async () => {
    await page.goto(`${base}/#/datasets`);
    const tile = page.getByRole("region", { name: "lake", exact: true });
    await tile.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete the dataset" }).click();
    await tile.waitFor({ state: "detached" });
  });

  let jobId = "";
  await step("a checkpoint is saved by its link, as an archive of its files", async () => {
    jobId = await working.train(smallConfig);
    await page.goto(`${base}/#/jobs/${jobId}`);
    await page.locator(".page-head .state-succeeded").waitFor();
    const saved = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).first().click();
    const download = await saved;
    assert.equal(download.suggestedFilename(), `${jobId}-step-6.tar`);
    const place = folder.join("saved");
    await mkdir(place);
    await promisify(execFile)("tar", ["-xf", await download.path(), "-C", place]);
    assert.deepEqual(
      await contentOf(join(place, `${jobId}-step-6`)),
      await contentOf(scene.join("jobs", jobId, "checkpoints", "step-00000006")),
    );
    await page.goto(`${base}/#/datasets`);
  });

  await step("a model shows its sample and its versions, with where they came from", async () => {
    for (const step of [4, 6]) {
      const checkpoint = { jobId, checkpoint: "step", step } as const;
      await answer((back) => scene.models.promoteCheckpoint({ name: "roses", checkpoint }, back));
    }
    await page.goto(`${base}/#/models`);
    const tile = page.getByRole("region", { name: "roses", exact: true });
    await tile.getByText("version 2").waitFor();
    await tile.getByRole("img", { name: "Photo 1 as roses colorized it" }).waitFor();
    await tile.getByText("Versions before").click();
    await tile.locator("tr", { hasText: "step 4" }).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.goto(`${base}/#/datasets`);
  });

  await step("axe finds nothing serious where files wait, and nothing complains", async () => {
    await chooseFolder(summer);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      assert.deepEqual(await seriousFaults(page), [], colorScheme);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert(width <= 360, `${width} pixels wide`);
    assert.deepEqual(complaints, []);
  });
});
