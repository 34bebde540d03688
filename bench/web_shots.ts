/**
 * Takes pictures of every page in a browser, light and dark, at 1440 and 390 pixels, with a server and a
 * training on this machine, for a person to look at. Linux only.
 *
 *     deno run -A bench/web_shots.ts FOLDER              # about three minutes
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { databaseFile } from "../src/files/data_folder.ts";
import { encodePhoto } from "../src/images/encode.ts";
import { openSqliteStore } from "../src/stores/sqlite/open_store.ts";
import { renderScene } from "../src/scenes/scenes.ts";
import { openChromium } from "./service/chromium.ts";
import { startProgram, within } from "./service/programs.ts";

const PHOTOS = 48, SIDE = 96, STEPS = 240;
const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const config = { size: SIDE, nDown: 5, ngf: 16, ndf: 16, nLayers: 2, batchSize: 4, lrG: 1e-3 };
const run = {
  ...config,
  epochs: 1_000_000,
  maxSteps: STEPS,
  validateEvery: STEPS / 8,
  sampleEvery: STEPS / 4,
  sampleCount: 6,
  checkpointEvery: STEPS / 8,
  spikeFactor: 1.6,
};
const [target = "", ...others] = parseArgs({ allowPositionals: true }).positionals;
if (target === "" || others.length > 0) throw new Error("Say which folder the pictures go to.");

async function ask(base: string, method: string, request: object) {
  const answer = await fetch(`${base}/tinct.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(60_000),
  });
  if (!answer.ok) throw new Error(`${method} was refused: ${await answer.text()}`);
  return await answer.json();
}

/** Waits for a job's state. */
async function untilState(base: string, jobId: string, wanted: RegExp): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const { job } = await ask(base, "TrainingJobService/GetTrainingJob", { jobId });
    if (wanted.test(job.state)) return;
    if (/FAILED|CANCELLED/.test(job.state)) throw new Error(`${jobId} is ${job.state}.`);
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`${jobId} is not ${wanted} after 300 s.`);
}

/**
 * Paints photos, and puts in a job that failed, which no training here does by itself.
 *
 * @returns a photo to colorize.
 */
async function fillFolder(folder: string): Promise<string> {
  const photos = join(folder, "photos", "scenes");
  await mkdir(photos, { recursive: true });
  for (let index = 0; index < PHOTOS; index++) {
    const picture = { width: SIDE, height: SIDE, rgb: renderScene(index, { size: SIDE }) };
    await writeFile(join(photos, `${index}.png`), await encodePhoto(picture, { format: "png" }));
  }
  await using store = await openSqliteStore(databaseFile(folder));
  await store.jobs.create({
    id: "job-failed",
    dataset: "scenes",
    config: { lrG: 0.002 },
    displayName: "Scenes, too fast",
  });
  await store.jobs.claim("cpu");
  await store.jobs.trigger("job-failed", "failed", {
    failure: {
      code: "internal",
      message: "loss_G is not finite at step 9,351, after 3 rollbacks.",
    },
  });
  const photo = join(folder, "scene.png");
  const picture = { width: 640, height: 640, rgb: renderScene(PHOTOS, { size: 640 }) };
  await writeFile(photo, await encodePhoto(picture, { format: "png" }));
  return photo;
}

/** One picture of all of a page in each theme and width. */
async function shoot(page: Page, name: string, shown: string): Promise<void> {
  for (const [width, height] of [[1440, 900], [390, 844]] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(shown).first().waitFor();
      // Charts measure their place after it has changed, and draw in the frame after that.
      await page.evaluate(`new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 150))))`);
      // As tall as the page: what is fixed to the window's edge then stands at the page's edge.
      const tall = await page.evaluate<number>("document.documentElement.scrollHeight");
      await page.setViewportSize({ width, height: Math.max(height, tall) });
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
      await page.screenshot({ path: join(target, `${name}_${colorScheme}_${width}.png`) });
      await page.setViewportSize({ width, height });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function takePictures(base: string, photo: string): Promise<void> {
  const train = async (displayName: string, options: object, labels = {}) => {
    const request = { dataset: "scenes", displayName, labels, config: { ...run, ...options } };
    const { job } = await ask(base, "ColorizationService/Train", request);
    return String(job.jobId);
  };
  const jobId = await train("Scenes, ngf 16", {}, { baseline: "" });
  const second = await train("Scenes, lsgan", { ganMode: "GAN_MODE_LSGAN", maxSteps: STEPS / 2 });
  await untilState(base, jobId, /SUCCEEDED/);
  const { model } = await ask(base, "ModelService/PromoteCheckpoint", {
    checkpoint: { jobId, step: STEPS },
    name: "scenes",
    description: "Painted scenes",
  });
  await untilState(base, second, /SUCCEEDED/);
  const running = await train("Scenes, endless", { maxSteps: 0 });
  await train("Scenes, ngf 32", { ngf: 32 }, { sweep: "ngf" });
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    const open = (hash: string) => page.goto(`${base}/${hash}`);
    await open("#/");
    await page.locator(".thumb .sheet-tile").nth(1).waitFor();
    await shoot(page, "jobs", ".jobs tbody tr");
    await open(`#/jobs/${jobId}`);
    await page.locator(".samples .sheet-tile").first().waitFor();
    await shoot(page, "job", ".curve canvas");
    const over = await page.locator(".curve-balance .u-over").boundingBox();
    if (over) await page.mouse.click(over.x + over.width * 0.4, over.y + 60);
    await page.locator(".curve-balance .chart-tooltip.pinned").waitFor();
    await shoot(page, "job_pinned", ".curve canvas");
    await page.locator("body").press("f");
    await shoot(page, "samples", ".full[open] .sheet-tile");
    await page.locator("dialog.full").press("Escape");
    await open(`#/jobs/${running}`);
    await shoot(page, "job_running", ".curve canvas");
    for (const name of ["new", "datasets", "devices"]) {
      await open(`#/${name}`);
      await shoot(page, name, "main h1");
    }
    await open("#/models");
    await shoot(page, "models", ".model-sample .sheet-tile");
    await open(`#/compare?jobs=${jobId},${second}`);
    await page.locator(".probe-photos").nth(3).locator(".sheet-tile").first().waitFor();
    await shoot(page, "compare", ".probe-photos .sheet-tile");
    await open(`#/colorize?model=${model.name}`);
    await page.locator("input[type=file]").first().setInputFiles(photo);
    await shoot(page, "colorize", "img.stage-after, .stage img");
  } finally {
    await within(20, "The end of Chromium", browser.close());
  }
}

await mkdir(target, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), "tinct-shots-"));
try {
  const photo = await fillFolder(folder);
  const flags = ["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--min-free-mib", "0"];
  const server = startProgram([main, "serve", "--data-dir", folder, ...flags], "stderr");
  try {
    const [, base = ""] = await server.says(/"web":"([^"]*)"/, 60);
    await within(560, "Taking pictures", takePictures(base, photo));
  } finally {
    server.child.kill("SIGKILL");
    await server.end();
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
