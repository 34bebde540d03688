/**
 * Measures the pages in a browser against their limits, with a server, a training and Chromium on this
 * machine, and exits with 1 where one is passed. Linux only. Nothing else should run meanwhile.
 *
 *     deno run -A bench/web.ts              # about three minutes
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { databaseFile } from "../src/files/data_folder.ts";
import { encodePhoto } from "../src/images/encode.ts";
import type { NewEvent } from "../src/jobs/job_event.ts";
import { openSqliteStore } from "../src/jobs/sqlite/open_store.ts";
import { renderScene } from "../src/scenes/scenes.ts";
import { openChromium } from "./service/chromium.ts";
import { judge, line, median, type Verdict } from "./service/verdict.ts";

const STEPS = 200_000, WATCHERS = 50, WINDOW_MS = 10_000, ROUNDS = 3;
const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const config = { size: 64, nDown: 6, ngf: 48, ndf: 48, batchSize: 4, epochs: 1_000_000 };
const quiet = { validateEvery: 0, sampleEvery: 0, checkpointEvery: 0, validationFraction: 0 };

/** A losses event as workers send them. */
function lossesOf(step: number, timeMs: number): NewEvent {
  const noise = 1 + 0.2 * Math.sin(step * 12.9898);
  const [lossGGan, lossGL1] = [0.9 * noise, (4 + 12 * Math.exp(-step / 3e4)) * noise];
  const [lossDFake, lossDReal, lossD] = [0.6 * noise, 0.62 * noise, 0.61 * noise];
  const rates = { lrG: 2e-4, lrD: 2e-4, imagesPerSecond: 85 };
  const losses = { lossDFake, lossDReal, lossD, lossGGan, lossGL1, lossG: lossGGan + lossGL1 };
  return {
    kind: "losses",
    payload: { step, epoch: step / 500, steps: 1, ...losses, ...rates },
    timeMs,
  };
}

/** Puts a job that has ended after `STEPS` steps into a data folder. */
async function fillFolder(folder: string): Promise<void> {
  await using store = await openSqliteStore(databaseFile(folder));
  await store.jobs.create({ id: "job-long", dataset: "scenes", config: {} });
  await store.jobs.claim("cpu");
  const startMs = Date.now() - 50 * STEPS;
  for (let step = 1; step <= STEPS; step += 2000) {
    const events = Array.from(
      { length: 2000 },
      (_, at) => lossesOf(step + at, startMs + 50 * (step + at)),
    );
    await store.events.append("job-long", events);
  }
  await store.jobs.trigger("job-long", "succeeded");
}

/** `tinct serve` with a door for browsers. @returns its process and the door's address. */
async function serve(folder: string): Promise<{ child: ChildProcess; base: string }> {
  const flags = ["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--min-free-mib", "0"];
  const args = ["run", "-A", "--no-check", main, "serve", "--data-dir", folder, ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const ready = Promise.withResolvers<string>();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const [, base] = /"web":"([^"]*)"/.exec(text) ?? [];
    if (base !== undefined) ready.resolve(base);
  });
  child.once("close", (code) => ready.reject(new Error(`The server ended with ${code}.`)));
  return { child, base: await ready.promise };
}

/** A stream of a job's events, as the page asks for it. */
async function* watch(base: string, jobId: string, signal: AbortSignal) {
  const body = new TextEncoder().encode(JSON.stringify({ jobId, maxLossPoints: 500 }));
  const envelope = new Uint8Array(5 + body.length);
  new DataView(envelope.buffer).setUint32(1, body.length);
  envelope.set(body, 5);
  const answer = await fetch(`${base}/tinct.v1.ColorizationService/StreamMetrics`, {
    method: "POST",
    headers: { "content-type": "application/connect+json", "connect-protocol-version": "1" },
    body: envelope,
    signal,
  });
  let held = Buffer.alloc(0);
  for await (const part of answer.body ?? []) {
    held = Buffer.concat([held, part]);
    while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
      const end = 5 + held.readUInt32BE(1);
      yield { event: JSON.parse(held.toString("utf8", 5, end)), bytes: end };
      held = held.subarray(end);
    }
  }
}

/** From the address to curves on the screen, in ms. */
async function openJob(page: Page, url: string): Promise<number> {
  await page.goto("about:blank");
  const startMs = performance.now();
  await page.goto(url);
  await page.locator(".curve-l1 canvas").waitFor();
  return performance.now() - startMs;
}

/** How long after each event's own time its step stands on the screen, in ms. */
async function latencies(page: Page, base: string, jobId: string): Promise<number[]> {
  const ending = new AbortController();
  const times = new Map<number, number>();
  const watching = (async () => {
    for await (const { event } of watch(base, jobId, ending.signal)) {
      if (event.losses) times.set(Number(event.losses.step), Date.parse(event.time));
    }
  })().catch(() => {});
  // As a text, since a browser has other globals than this program.
  const shown = await page.evaluate<[number, number][]>(`new Promise((resolve) => {
    const seen = new Map();
    const endMs = Date.now() + ${WINDOW_MS};
    const look = () => {
      const text = document.querySelector(".key-numbers b")?.textContent ?? "";
      const step = Number(text.replaceAll(",", ""));
      if (!seen.has(step)) seen.set(step, Date.now());
      if (Date.now() < endMs) requestAnimationFrame(look);
      else resolve([...seen].slice(1));
    };
    look();
  })`);
  ending.abort();
  await watching;
  return shown.flatMap(([step, shownMs]) => {
    const timeMs = times.get(step);
    return timeMs === undefined ? [] : [shownMs - timeMs];
  });
}

async function stepOf(base: string, jobId: string): Promise<number> {
  const answer = await fetch(`${base}/tinct.v1.TrainingJobService/GetTrainingJob`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jobId }),
  });
  return Number((await answer.json()).job?.latestLosses?.step ?? 0);
}

/** Steps a second over a while. */
async function rateOf(base: string, jobId: string): Promise<number> {
  const [startMs, before] = [performance.now(), await stepOf(base, jobId)];
  await wait(WINDOW_MS);
  return 1000 * (await stepOf(base, jobId) - before) / (performance.now() - startMs);
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]);
}

async function measure(folder: string): Promise<Verdict[]> {
  const photos = join(folder, "photos", "scenes");
  await mkdir(photos, { recursive: true });
  for (let index = 0; index < 16; index++) {
    const picture = { width: 64, height: 64, rgb: renderScene(index, { size: 64 }) };
    await writeFile(join(photos, `${index}.png`), await encodePhoto(picture, { format: "png" }));
  }
  await fillFolder(folder);
  const verdicts: Verdict[] = [];
  const { child, base } = await serve(folder);
  const browser = await openChromium();
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const paints: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto(`${base}/`);
      await page.locator("main h1").waitFor();
      paints.push(
        await page.evaluate(() =>
          performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN
        ),
      );
    }
    verdicts.push(judge("first paint, median of 3", median(paints), { atMost: 500, unit: "ms" }));
    for (const name of ["the first time", "again"]) {
      const took = await openJob(page, `${base}/#/jobs/job-long`);
      verdicts.push(
        judge(`200,000 steps on the screen, ${name}`, took, { atMost: 1000, unit: "ms" }),
      );
    }
    for await (const { event, bytes } of watch(base, "job-long", AbortSignal.timeout(60_000))) {
      if (!event.history) continue;
      verdicts.push(judge("their history on the wire", bytes / 1000, { atMost: 300, unit: "kB" }));
      break;
    }
    const train = await fetch(`${base}/tinct.v1.ColorizationService/Train`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ dataset: "scenes", config: { ...config, ...quiet } }),
    });
    const { job: { jobId } } = await train.json();
    await openJob(page, `${base}/#/jobs/${jobId}`);
    const delays = await latencies(page, base, jobId);
    verdicts.push(
      judge(`an event on the screen, median of ${delays.length}`, median(delays), {
        atMost: 100,
        unit: "ms",
      }),
    );
    await page.goto("about:blank");
    const costs: number[] = [];
    const grown: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [alone, before] = [await rateOf(base, jobId), await rssOf(child.pid ?? 0)];
      const ending = new AbortController();
      const watching = Array.from({ length: WATCHERS }, async () => {
        for await (const _ of watch(base, jobId, ending.signal));
      });
      const watched = await rateOf(base, jobId);
      grown.push((await rssOf(child.pid ?? 0) - before) / 1e6);
      ending.abort();
      await Promise.allSettled(watching);
      costs.push(100 * (1 - watched / alone));
    }
    verdicts.push(
      judge(`${WATCHERS} open pages, of a training's rate`, median(costs), {
        atMost: 3,
        unit: "%",
      }),
      judge(`${WATCHERS} open pages, of the server's memory`, Math.max(...grown), {
        atMost: 150,
        unit: "MB",
      }),
    );
  } finally {
    await browser.close();
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }
  return verdicts;
}

const folder = await mkdtemp(join(tmpdir(), "tinct-web-"));
try {
  const verdicts = await measure(folder);
  for (const verdict of verdicts) console.log(line(verdict));
  if (verdicts.some(({ ok }) => ok === false)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
