import assert from "assert";
import type { Page } from "playwright-core";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { until } from "../in_time.ts";
import { ServedProcess } from "../service/served_process.ts";
import { paintScenes, smallConfig } from "../service/workshop.ts";
import { browserTest, openBrowserPage, seriousFaults } from "./browser_page.ts";

/** Goes on until it is paused; a checkpoint now and then, from which another attempt repeats steps. */
const config = {
  ...smallConfig,
  size: 64,
  ngf: 8,
  maxSteps: 0,
  // Each point of the curves is told by a key at the end.
  logEvery: 4,
  validateEvery: 10,
  sampleEvery: 0,
  checkpointEvery: 10,
};

/** `tinct serve` over a data folder, with its pages at a port; 0: any. */
async function serve(folder: string, port: number) {
  const flags = ["--web", `127.0.0.1:${port}`, "--min-free-mib", "0"];
  const server = await ServedProcess.start(folder, flags);
  const web = server.lines.find((line) => typeof line["web"] === "string");
  return { server, base: String(web?.["web"]) };
}

async function ask(base: string, method: string, request: object) {
  const answer = await fetch(`${base}/tinct.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  assert(answer.ok, `${method}: ${answer.status}`);
  return await answer.json();
}

/** The steps of a paused job's curves as its stored events tell them: what is repeated takes the place of what was. */
async function storedSteps(base: string, jobId: string): Promise<number[]> {
  const body = new TextEncoder().encode(JSON.stringify({ jobId, fromSequence: 1 }));
  const envelope = new Uint8Array([...new Uint8Array(5), ...body]);
  new DataView(envelope.buffer).setUint32(1, body.length);
  const answer = await fetch(`${base}/tinct.v1.ColorizationService/StreamMetrics`, {
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    body: envelope,
  });
  const reader = answer.body?.getReader();
  assert(reader);
  let held = Buffer.alloc(0);
  let steps: number[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    assert(!done, "the stream of a paused job stays open");
    held = Buffer.concat([held, value]);
    for (let end; held.length >= (end = 5 + (held.length < 5 ? 0 : held.readUInt32BE(1)));) {
      const event = JSON.parse(held.toString("utf8", 5, end));
      held = held.subarray(end);
      const step = Number(event.losses?.step);
      if (event.losses) steps = [...steps.filter((each) => each < step), step];
      if (event.state?.to !== "JOB_STATE_PAUSED") continue;
      await reader.cancel();
      return steps;
    }
  }
}

/** The step that the page's key numbers tell. */
async function shownStep(page: Page): Promise<number> {
  const text = await page.locator(".key-numbers b").first().innerText();
  return Number(text.replaceAll(",", ""));
}

/** The steps of all points of a curve, told one by one as to a screen reader. */
function toldSteps(page: Page): Promise<number[]> {
  return page.evaluate<number[]>(`(async () => {
    const chart = document.querySelector(".curve-l1 .chart");
    const press = async (key) => {
      const before = chart.getAttribute("aria-valuetext");
      chart.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await new Promise(requestAnimationFrame);
      return before !== chart.getAttribute("aria-valuetext");
    };
    const told = () => Number(/^([\\d,]+):/.exec(chart.getAttribute("aria-valuetext"))[1].replaceAll(",", ""));
    await press("Home");
    const steps = [told()];
    while (await press("ArrowRight")) steps.push(told());
    await press("Escape");
    return steps;
  })()`);
}

browserTest("the page of a job", async (step) => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos", "scenes"), 8);
  let { server, base } = await serve(folder.path, 0);
  await using _server = { [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  await using browser = await openBrowserPage();
  const { page, complaints } = browser;
  const { job: { jobId } } = await ask(base, "ColorizationService/Train", {
    dataset: "scenes",
    config,
  });
  const chart = page.locator(".curve-l1 .chart");
  const tooltip = page.locator(".curve-l1 .chart-tooltip");
  /** From 0 to 1: where the shown part begins, and where it ends. */
  const shownPart = async () => {
    const style = await page.locator(".brush-window").getAttribute("style");
    const [, left, right] = /left: ([\d.]+)%; right: ([\d.]+)%/.exec(style ?? "") ?? [];
    return [Number(left) / 100, 1 - Number(right) / 100] as const;
  };

  await step("losses reach the screen as they come", async () => {
    await page.goto(`${base}/#/jobs/${jobId}`);
    await chart.waitFor();
    const before = await shownStep(page);
    await until(async () => await shownStep(page) > before + 5, "five steps more on the screen");
  });

  await step("a click pins the numbers, keys move the pin, and Escape takes it away", async () => {
    const over = page.locator(".curve-l1 .u-over");
    const box = await over.boundingBox();
    assert(box);
    await page.mouse.click(box.x + box.width / 2, box.y + 50);
    await page.locator(".curve-l1 .chart-tooltip.pinned").waitFor();
    await page.locator(".curve-balance .chart-tooltip.pinned").waitFor();
    const head = await tooltip.locator("strong").innerText();
    assert.match(head, /^step [\d,]+ · epoch [\d.]+ · \d\d:\d\d:\d\d$/);
    const before = await shownStep(page);
    await until(async () => await shownStep(page) > before, "another step on the screen");
    assert.equal(await tooltip.locator("strong").innerText(), head, "it stays though curves grow");
    await chart.focus();
    await page.keyboard.press("ArrowRight");
    await tooltip.getByText(head, { exact: true }).waitFor({ state: "detached" });
    assert.match(
      await chart.getAttribute("aria-valuetext") ?? "",
      /^[\d,]+: loss_G \d.*loss_G_L1 \d/,
    );
    await page.keyboard.press("Escape");
    await page.locator(".chart-tooltip.pinned").first().waitFor({ state: "detached" });
  });

  await step("the strip below brushes, and what is shown follows or stays", async () => {
    assert.deepEqual(await shownPart(), [0, 1]);
    await page.getByRole("slider", { name: "Begin of the part" }).focus();
    for (let press = 0; press < 4; press++) await page.keyboard.press("Shift+ArrowRight");
    await page.waitForURL(/zoom=/);
    const [from, to] = await shownPart();
    // 0.4 of the run as it was then; meanwhile it has grown.
    assert(from > 0.02 && from < 0.42, `it begins at ${from}`);
    assert.equal(await page.getByRole("switch", { name: "follow" }).isChecked(), false);
    const before = await shownStep(page);
    await until(async () => await shownStep(page) > before + 3, "three steps more");
    assert((await shownPart())[1] < to, "a part that does not follow falls behind");
    await page.getByRole("switch", { name: "follow" }).check();
    await until(async () => (await shownPart())[1] > 0.995, "the part ends at the newest step");
  });

  await step("dragging with Shift pans, and the wheel with Ctrl zooms", async () => {
    const box = await page.locator(".curve-l1 .u-over").boundingBox();
    assert(box);
    const [before] = await shownPart();
    await page.mouse.move(box.x + 100, box.y + 40);
    await page.keyboard.down("Shift");
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await until(async () => (await shownPart())[0] < before - 0.02, "the part lies further left");
    const [from, to] = await shownPart();
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -100);
    await page.keyboard.up("Control");
    await until(async () => {
      const [left, right] = await shownPart();
      return right - left < 0.95 * (to - from);
    }, "the part is smaller");
    await page.locator("body").press("0");
    await page.waitForURL((url) => !url.hash.includes("zoom="));
  });

  await step("a server that was killed comes back without gap or duplicate", async () => {
    const { port } = new URL(base);
    const before = await shownStep(page);
    await server.end("SIGKILL");
    await page.getByText("Disconnected", { exact: true }).waitFor();
    ({ server, base } = await serve(folder.path, Number(port)));
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator(".event-lane .event-resumed").first().waitFor();
    await until(async () => await shownStep(page) > before + 10, "steps after those before");
    await page.locator("body").press("p");
    await page.locator(".page-head .state-paused").waitFor();
    const stored = await storedSteps(base, jobId);
    await until(async () => await shownStep(page) === stored.at(-1), "the last step is shown");
    const told = await toldSteps(page);
    assert.deepEqual(told, stored);
    assert(told.length > 10, `${told.length} points`);
  });

  await step("axe finds nothing serious with numbers pinned, light or dark", async () => {
    await chart.focus();
    await page.keyboard.press("Enter");
    await page.locator(".curve-l1 .chart-tooltip.pinned").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }); // colours at once
      assert.deepEqual(await seriousFaults(page), [], colorScheme);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert(width <= 360, `the page is ${width} pixels wide`);
    assert.deepEqual(complaints, []);
  });
});
