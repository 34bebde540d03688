/**
 * Measures the pages in a browser against their limits, with a server, a training and Chromium on this
 * machine, and exits with 1 where one is passed. Linux only. Nothing else should run meanwhile.
 *
 *     deno run -A bench/web.ts              # about three minutes
 *
 * One real page is measured. Fifty of them would be a load of their own on the same machine, so the
 * fifty are connections that ask for what a page asks (bench/service/open_pages.ts).
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { databaseFile } from "../src/files/data_folder.ts";
import { encodePhoto } from "../src/images/encode.ts";
import type { NewEvent } from "../src/jobs/job_event.ts";
import { openSqliteStore } from "../src/stores/sqlite/open_store.ts";
import { renderScene } from "../src/scenes/scenes.ts";
import { openChromium } from "./service/chromium.ts";
import { startProgram, within } from "./service/programs.ts";
import { judge, line, median, quantile, type Verdict } from "./service/verdict.ts";

const STEPS = 200_000, PAGES = 50, WINDOW_SECONDS = 10, ROUNDS = 5;
const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const openPages = fileURLToPath(new URL("./service/open_pages.ts", import.meta.url));
const config = { size: 64, nDown: 6, ngf: 24, ndf: 24, batchSize: 4, epochs: 1_000_000 };
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

/** Puts a job that has ended after `STEPS` steps, and photos to train on, into a data folder. */
async function fillFolder(folder: string): Promise<void> {
  const photos = join(folder, "photos", "scenes");
  await mkdir(photos, { recursive: true });
  for (let index = 0; index < 16; index++) {
    const picture = { width: 64, height: 64, rgb: renderScene(index, { size: 64 }) };
    await writeFile(join(photos, `${index}.png`), await encodePhoto(picture, { format: "png" }));
  }
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

/** Makes a call with one answer. */
async function ask(base: string, method: string, request: object) {
  const answer = await fetch(`${base}/tinct.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`${method} was refused: ${await answer.text()}`);
  return await answer.json();
}

/** A job's events for so long, as the page asks for them. */
async function* watch(base: string, jobId: string, seconds: number) {
  const endMs = performance.now() + 1000 * seconds;
  const body = new TextEncoder().encode(JSON.stringify({ jobId, maxLossPoints: 500 }));
  const envelope = new Uint8Array(5 + body.length);
  new DataView(envelope.buffer).setUint32(1, body.length);
  envelope.set(body, 5);
  const answer = await fetch(`${base}/tinct.v1.ColorizationService/StreamMetrics`, {
    method: "POST",
    headers: { "content-type": "application/connect+json", "connect-protocol-version": "1" },
    body: envelope,
  });
  const reader = answer.body?.getReader();
  if (!reader || !answer.ok) throw new Error(`The stream has status ${answer.status}.`);
  let held = Buffer.alloc(0);
  // To cancel the reader ends a read that waits; a signal to fetch was once not heard, and 50 streams
  // went on for ever.
  const timer = setTimeout(() => void reader.cancel(), 1000 * seconds);
  try {
    while (performance.now() < endMs) {
      const { done, value } = await reader.read();
      if (done) return;
      held = Buffer.concat([held, value]);
      while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
        const end = 5 + held.readUInt32BE(1);
        yield { event: JSON.parse(held.toString("utf8", 5, end)), bytes: end };
        held = held.subarray(end);
      }
    }
  } finally {
    clearTimeout(timer);
    await reader.cancel();
  }
}

/** Waits until a job has trained so many steps more. */
async function untilSteps(base: string, jobId: string, steps: number): Promise<void> {
  let count = 0;
  for await (const { event } of watch(base, jobId, 60)) {
    if (event.losses && ++count >= steps) return;
  }
  throw new Error(`Only ${count} of ${steps} steps in 60 s.`);
}

/** From the address of a job to its curves on the screen, in ms. */
async function openJob(page: Page, url: string): Promise<number> {
  await page.goto("about:blank");
  const startMs = performance.now();
  await page.goto(url);
  await page.locator(".curve-l1 canvas").waitFor();
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
  return performance.now() - startMs;
}

/** How long after each event's own time its step stands on the screen, in ms. */
async function latencies(page: Page, base: string, jobId: string): Promise<number[]> {
  const times = new Map<number, number>();
  const watching = (async () => {
    for await (const { event } of watch(base, jobId, WINDOW_SECONDS)) {
      if (event.losses) times.set(Number(event.losses.step), Date.parse(event.time));
    }
  })();
  // As a text, since a browser has other globals than this program.
  const shown = await page.evaluate<[number, number][]>(`new Promise((resolve) => {
    const seen = new Map();
    const endMs = Date.now() + ${1000 * WINDOW_SECONDS};
    const look = () => {
      const text = document.querySelector(".key-numbers b")?.textContent ?? "";
      const step = Number(text.replaceAll(",", ""));
      if (!seen.has(step)) seen.set(step, Date.now());
      if (Date.now() < endMs) requestAnimationFrame(look);
      else resolve([...seen].slice(1));
    };
    look();
  })`);
  await watching;
  return shown.flatMap(([step, shownMs]) => {
    const timeMs = times.get(step);
    return timeMs === undefined ? [] : [shownMs - timeMs];
  });
}

/** Steps a second over a while, by the times of the events themselves. */
async function rateOf(base: string, jobId: string): Promise<{ rate: number; events: number }> {
  const seen: { ms: number; step: number }[] = [];
  for await (const { event } of watch(base, jobId, WINDOW_SECONDS)) {
    if (event.losses) seen.push({ ms: Date.parse(event.time), step: Number(event.losses.step) });
  }
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || seen.length < 10) {
    throw new Error(`Only ${seen.length} steps in ${WINDOW_SECONDS} s: too few for a rate.`);
  }
  return { rate: 1000 * (last.step - first.step) / (last.ms - first.ms), events: seen.length };
}

/** Processor time that a process has taken, in s. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]);
}

/** What one page needs to be drawn, and what a long job does. */
async function measureOpening(browser: Browser, base: string): Promise<Verdict[]> {
  const paints: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // A context of its own has no cache of the one before.
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${base}/`);
    await page.locator("main h1").waitFor();
    const paint = `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN`;
    paints.push(await page.evaluate<number>(paint));
    await context.close();
  }
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(30_000);
  const opened: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    opened.push(await openJob(page, `${base}/#/jobs/job-long`));
  }
  await page.close();
  let historyBytes = NaN;
  for await (const { event, bytes } of watch(base, "job-long", 30)) {
    if (event.history) historyBytes = bytes;
    if (event.history) break;
  }
  const most = { atMost: 1000, unit: "ms", digits: 0 };
  const name = `${STEPS.toLocaleString("en-US")} steps on the screen`;
  return [
    judge(`First paint, median of ${ROUNDS}`, median(paints), {
      atMost: 500,
      unit: "ms",
      digits: 0,
    }),
    judge(`${name}, the first time`, opened[0] ?? NaN, most),
    judge(`${name}, later, median of ${ROUNDS}`, median(opened.slice(1)), most),
    judge("  their history on the wire", historyBytes / 1000, { atMost: 300, unit: "kB" }),
  ];
}

async function measureLive(browser: Browser, base: string, jobId: string): Promise<Verdict[]> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(30_000);
  await openJob(page, `${base}/#/jobs/${jobId}`);
  const delays = await latencies(page, base, jobId);
  await page.close();
  return [
    judge(`A losses event on the screen, median of ${delays.length}`, median(delays), {
      atMost: 100,
      unit: "ms",
      digits: 0,
    }),
    judge("  99 of 100", quantile(delays, 0.99), { unit: "ms", digits: 0 }),
  ];
}

/** The same training without and with pages, in turns. */
async function measurePages(base: string, jobId: string, serverPid: number): Promise<Verdict[]> {
  const parts: number[] = [], rates: number[] = [], grown: number[] = [], got: number[] = [];
  const taken: number[] = [];
  const beforeBytes = await rssOf(serverPid);
  let alone = await rateOf(base, jobId);
  for (let round = 0; round < ROUNDS; round++) {
    const pages = startProgram([openPages, base, jobId, String(PAGES)], "stdout");
    try {
      await pages.says(/open/, 60);
      await untilSteps(base, jobId, 5);
      const before = await cpuOf(serverPid);
      const watched = await rateOf(base, jobId);
      taken.push(100 * (await cpuOf(serverPid) - before) / WINDOW_SECONDS);
      grown.push((await rssOf(serverPid) - beforeBytes) / 1e6);
      pages.child.kill("SIGTERM");
      const [, least = ""] = await pages.says(/least (\d+)/, 10);
      got.push(Number(least) / watched.events);
      const after = await rateOf(base, jobId);
      parts.push(100 * (1 - 2 * watched.rate / (alone.rate + after.rate)));
      rates.push(after.rate);
      alone = after;
    } finally {
      await pages.end();
    }
  }
  const spread = `${Math.min(...parts).toFixed(1)} to ${Math.max(...parts).toFixed(1)} %`;
  return [
    judge(`${PAGES} open pages, of a training's rate`, median(parts), { atMost: 3, unit: "%" }),
    { name: `  in single rounds (${ROUNDS})`, measured: spread },
    judge("  the rate without them", median(rates), { unit: "steps/s" }),
    judge("  the server's part of a core with them", median(taken), { unit: "%", digits: 0 }),
    judge("  events that the slowest page got", 100 * Math.min(...got), { atLeast: 99, unit: "%" }),
    judge(`${PAGES} open pages, of the server's memory`, Math.max(...grown), {
      atMost: 150,
      unit: "MB",
    }),
  ];
}

async function measure(folder: string, tell: (verdicts: readonly Verdict[]) => void) {
  await fillFolder(folder);
  const flags = ["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--min-free-mib", "0"];
  const server = startProgram([main, "serve", "--data-dir", folder, ...flags], "stderr");
  try {
    const [, base = ""] = await server.says(/"web":"([^"]*)"/, 60);
    const browser = await openChromium();
    let jobId = "";
    try {
      tell(await within(100, "Opening pages", measureOpening(browser, base)));
      const request = { dataset: "scenes", config: { ...config, ...quiet } };
      ({ job: { jobId } } = await ask(base, "ColorizationService/Train", request));
      await untilSteps(base, jobId, 20);
      tell(await within(100, "Following events", measureLive(browser, base, jobId)));
    } finally {
      await within(20, "The end of Chromium", browser.close());
    }
    const pages = measurePages(base, jobId, server.child.pid ?? 0);
    tell(await within(400, "The rounds with open pages", pages));
  } finally {
    server.child.kill("SIGKILL");
    await server.end();
  }
}

const folder = await mkdtemp(join(tmpdir(), "tinct-web-"));
try {
  await measure(folder, (verdicts) => {
    for (const verdict of verdicts) console.log(line(verdict));
    if (verdicts.some(({ ok }) => ok === false)) process.exitCode = 1;
  });
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
