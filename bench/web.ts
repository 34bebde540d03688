/**
 * Measures the pages in a browser against their limits, with a server and Chromium on this machine,
 * and exits with 1 where one is passed. Nothing else should run meanwhile.
 *
 *     deno run -A bench/web.ts              # about two minutes
 */
import process from "node:process";
import type { Page } from "playwright-core";
import { openPages } from "../src/web_bundle/open_pages.ts";
import type { NewEvent } from "../src/jobs/job_event.ts";
import { jobIn } from "../tests/jobs/small_job.ts";
import { Scene } from "../tests/service/scene.ts";
import { openChromium } from "../tests/web/chromium.ts";
import { TemporaryFolder } from "../tests/checkpoints/temporary_folder.ts";
import { judge, line, median, type Verdict } from "./service/verdict.ts";

const STEPS = 200_000, WATCHERS = 50, LIVE_EVENTS = 40;

/** A losses event as workers send them. */
function lossesOf(step: number, timeMs: number): NewEvent {
  const noise = 1 + 0.2 * Math.sin(step * 12.9898);
  const [lossGGan, lossGL1] = [0.9 * noise, (4 + 12 * Math.exp(-step / 3e4)) * noise];
  const payload = {
    step,
    epoch: step / 500,
    steps: 1,
    lossDFake: 0.6 * noise,
    lossDReal: 0.62 * noise,
    lossD: 0.61 * noise,
    lossGGan,
    lossGL1,
    lossG: lossGGan + lossGL1,
    lrG: 2e-4,
    lrD: 2e-4,
    imagesPerSecond: 85,
  };
  return { kind: "losses", payload, timeMs };
}

/** A job that has run for `STEPS` steps and goes on. */
async function fill(scene: Scene, jobId: string): Promise<void> {
  await jobIn(scene.store, jobId, "RUNNING");
  const startMs = Date.now() - 50 * STEPS;
  for (let step = 1; step <= STEPS; step += 2000) {
    const events = Array.from(
      { length: 2000 },
      (_, index) => lossesOf(step + index, startMs + 50 * (step + index)),
    );
    await scene.store.events.append(jobId, events);
  }
}

/** From the address to curves on the screen, in ms, and the bytes of the stream until then. */
async function openJob(page: Page, url: string): Promise<number> {
  const startMs = performance.now();
  await page.goto(url);
  await page.locator(".curve-l1 canvas").waitFor();
  return performance.now() - startMs;
}

/** What the history takes on the wire. */
async function historyBytes(base: string, jobId: string): Promise<number> {
  const body = new TextEncoder().encode(JSON.stringify({ jobId, maxLossPoints: 500 }));
  const envelope = new Uint8Array(5 + body.length);
  new DataView(envelope.buffer).setUint32(1, body.length);
  envelope.set(body, 5);
  const answer = await fetch(`${base}/tinct.v1.ColorizationService/StreamMetrics`, {
    method: "POST",
    headers: { "content-type": "application/connect+json", "connect-protocol-version": "1" },
    body: envelope,
  });
  let [bytes, text] = [0, ""];
  for await (const part of answer.body ?? []) {
    bytes += part.byteLength;
    text += new TextDecoder().decode(part);
    if (/"history".*\}\}$/s.test(text)) break;
  }
  return bytes;
}

/** From an event's arrival at the server to its number on the screen, in ms. */
async function latency(page: Page, scene: Scene, jobId: string, step: number): Promise<number> {
  const shown = page.evaluate((wanted) =>
    new Promise<number>((resolve) => {
      const look = () => {
        const text = document.querySelector(".key-numbers b")?.textContent;
        if (text?.replaceAll(",", "") === String(wanted)) resolve(Date.now());
        else requestAnimationFrame(look);
      };
      look();
    }), step);
  const startMs = Date.now();
  await scene.store.events.append(jobId, [lossesOf(step, startMs)]);
  return await shown - startMs;
}

async function main(): Promise<void> {
  await using cache = await TemporaryFolder.create();
  const pages = await openPages(cache.path);
  const verdicts: Verdict[] = [];
  await using scene = await Scene.open({}, undefined, { pages });
  const base = scene.server.webUrl;
  await fill(scene, "job-long");
  await using browser = await openChromium().then((browser) => ({
    browser,
    [Symbol.asyncDispose]: () => browser.close(),
  }));
  const context = await browser.browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const paints: number[] = [];
  for (let round = 0; round < 3; round++) {
    await page.goto(`${base}/`);
    await page.locator("main h1").waitFor();
    paints.push(
      await page.evaluate(() =>
        performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN
      ),
    );
  }
  verdicts.push(judge("first paint, median of 3", median(paints), { atMost: 500, unit: "ms" }));
  await page.goto("about:blank");
  const url = `${base}/#/jobs/job-long`;
  verdicts.push(
    judge("200,000 steps open, the first time", await openJob(page, url), {
      atMost: 1000,
      unit: "ms",
    }),
  );
  await page.goto("about:blank");
  verdicts.push(
    judge("200,000 steps open, again", await openJob(page, url), { atMost: 1000, unit: "ms" }),
  );
  const bytes = await historyBytes(base, "job-long");
  verdicts.push(judge("its history on the wire", bytes / 1000, { atMost: 300, unit: "kB" }));
  const latencies: number[] = [];
  for (let at = 1; at <= LIVE_EVENTS; at++) {
    latencies.push(await latency(page, scene, "job-long", STEPS + at));
  }
  verdicts.push(
    judge("an event on the screen, median", median(latencies), { atMost: 100, unit: "ms" }),
  );
  const before = process.memoryUsage().rss;
  const ending = new AbortController();
  const watching = Array.from({ length: WATCHERS }, async () => {
    const body = new TextEncoder().encode('{"jobId":"job-long","maxLossPoints":500}');
    const envelope = new Uint8Array(5 + body.length);
    new DataView(envelope.buffer).setUint32(1, body.length);
    envelope.set(body, 5);
    const answer = await fetch(`${base}/tinct.v1.ColorizationService/StreamMetrics`, {
      method: "POST",
      headers: { "content-type": "application/connect+json", "connect-protocol-version": "1" },
      body: envelope,
      signal: ending.signal,
    });
    const reader = answer.body?.getReader();
    while (reader && !(await reader.read()).done);
  });
  for (let at = 1; at <= 200; at++) {
    await scene.store.events.append("job-long", [lossesOf(STEPS + LIVE_EVENTS + at, Date.now())]);
  }
  const grown = (process.memoryUsage().rss - before) / 1e6;
  verdicts.push(
    judge(`${WATCHERS} open pages, memory of the server and these clients`, grown, {
      atMost: 150,
      unit: "MB",
    }),
  );
  ending.abort();
  await Promise.allSettled(watching);
  await context.close();
  for (const verdict of verdicts) console.log(line(verdict));
  process.exitCode = verdicts.some(({ ok }) => ok === false) ? 1 : 0;
}

await main();
