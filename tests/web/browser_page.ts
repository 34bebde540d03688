import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { BrowserContext, Locator, Page } from "playwright-core";
import assert from "assert";
import { chromiumPath, openChromium } from "../../bench/service/chromium.ts";
import { until } from "../in_time.ts";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** As long as anything on a page may take on a busy machine, in ms. */
const PATIENCE_MS = 240_000;

/** A page in a browser of its own, and what is to be known of it at the end. */
interface BrowserPage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors in its scripts and console. */
  readonly complaints: readonly string[];
  /** The addresses that it asked for. */
  readonly asked: readonly string[];
}

/** A part of a test, which goes on where the one before it ended; a test ends with one that failed. */
type Step = (name: string, act: () => Promise<void>) => Promise<void>;

/** A test in Chromium; where there is none, it is skipped and says why. */
export function browserTest(name: string, run: (step: Step) => Promise<void>): void {
  const isSkipped = chromiumPath === undefined;
  Deno.test({
    name: isSkipped ? `${name} (skipped: there is no Chromium on the PATH)` : name,
    ignore: isSkipped,
    sanitizeOps: false, // the browser's pipes
    sanitizeResources: false,
    fn: (t) =>
      run(async (part, act) => {
        assert(await t.step(part, act), `${part}: see above`);
      }),
  });
}

/** Starts Chromium with a page of 1440 x 900 pixels. */
export async function openBrowserPage(): Promise<BrowserPage> {
  const browser = await openChromium();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    // A refused call is no fault of the page's.
    if (line.type() === "error" && !/Failed to load resource/.test(line.text())) {
      complaints.push(line.text());
    }
  });
  page.on("request", (request) => asked.push(request.url()));
  return { page, context, complaints, asked, [Symbol.asyncDispose]: () => browser.close() };
}

/** What is seriously wrong for a screen reader or a keyboard. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // The page's own policy forbids scripts that stand in it, so it comes by the debugger; what it comes
  // to must not, as it is all of axe.
  await page.evaluate(`${await readFile(axe, "utf-8")}; undefined`);
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as {
      axe: {
        run: () => Promise<
          { violations: { id: string; impact: string; nodes: { html: string }[] }[] }
        >;
      };
    }).axe.run();
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join("; ")}`);
  });
}

/** Waits until a page shows so many of something: what a click changes is drawn a moment later. */
export async function showsCount(of: Locator, count: number): Promise<void> {
  await until(async () => await of.count() === count, `${count} of ${of}`);
}
