import assert from "assert";
import { openPages } from "../../src/web_bundle/open_pages.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { openWorkingScene } from "../service/working_scene.ts";
import { endlessConfig, smallConfig } from "../service/workshop.ts";
import { browserTest, openBrowserPage, seriousFaults } from "./browser_page.ts";

/** Script where a name belongs; shown, it is text. */
const evil = `<img src=x onerror="globalThis.evil=1"><script>evil=1</script>`;

browserTest("the pages in a browser", async (step) => {
  await using cache = await TemporaryFolder.create();
  await using working = await openWorkingScene({ pages: await openPages(cache.path) });
  const { scene } = working;
  const base = scene.server.webUrl;
  await using opened = await openBrowserPage();
  const { page, context, complaints, asked } = opened;
  const open = (hash: string) => page.goto(`${base}/${hash}`);
  const stateOf = (state: string) =>
    page.locator(`.page-head .state-${state.toLowerCase()}`).waitFor();

  await step("an error stands beside its field, and Start is off until it is gone", async () => {
    await open("#/new");
    await page.locator("#option-size").fill("100");
    await page.locator(".option", { has: page.locator("#option-size") })
      .locator(".problem", { hasText: "multiple" }).waitFor();
    assert.equal(await page.locator("button[type=submit]").isDisabled(), true);
    assert.equal(await page.locator("#option-size").getAttribute("aria-invalid"), "true");
  });

  let jobId = "";
  await step(
    "a job that the form starts trains, and its page follows it to the end",
    async () => {
      const options = { ...smallConfig, maxSteps: 12, validateEvery: 6, sampleEvery: 6 };
      for (const [name, value] of Object.entries(options)) {
        const field = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        await page.locator(`#option-${field}`).fill(String(value));
      }
      await page.getByLabel("Dataset on the server").selectOption("scenes");
      await page.getByLabel("Name of the job").fill(evil);
      await page.getByLabel("Labels").fill(`set=${evil}`);
      const start = page.locator("button[type=submit]:not([disabled])");
      assert.match(await page.locator(".command pre").innerText(), /submit scenes .*--size 32/s);
      await start.click();
      await page.waitForURL(/#\/jobs\/job-/);
      jobId = page.url().replace(/^.*#\/jobs\//, "");
      await stateOf("SUCCEEDED");
      await page.locator(".key-numbers", { hasText: "12" }).waitFor();
    },
  );

  await step("it shows curves, measures, the sheets on a slider, and what differs", async () => {
    const label = await page.locator('.chart[aria-label^="Reconstruction"]').getAttribute(
      "aria-label",
    );
    assert.match(label ?? "", /loss_G \d.*loss_G_L1 \d/);
    await page.locator('.chart[aria-label^="PSNR"] canvas').waitFor();
    await page.locator(".before-after .sheet-tile").first().waitFor();
    const slider = page.getByLabel("Sample sheet", { exact: true }).first();
    assert.equal(await slider.getAttribute("aria-valuetext"), "step 12");
    await page.keyboard.press("ArrowLeft");
    await page.locator(".sheet-slider output", { hasText: "step 6" }).first().waitFor();
    // What a photo is made of lies where the sheet says: gray, in colour, real, and how they differ.
    const tiles = page.locator(".photo-row .sheet-tile");
    assert.equal(await tiles.count(), 4);
    // As a text, since a browser has other globals than this program.
    const colorful = await page.evaluate<boolean[]>(
      `[...document.querySelectorAll(".photo-row .sheet-tile")].map((tile) => {
        const { data } = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height);
        return data.some((value, at) => at % 4 === 0 && Math.abs(value - data[at + 2]) > 12);
      })`,
    );
    assert.deepEqual(colorful.slice(0, 1).concat(colorful.slice(2)), [false, true, true]);
    await tiles.last().hover();
    await page.locator(".read-value", { hasText: /^ΔE \d+\.\d · colorized #\w{6} · real #\w{6}$/ })
      .waitFor();
    const divider = page.getByRole("slider", { name: /lightness before colour/ });
    await divider.press("Shift+ArrowRight");
    assert.equal(await divider.getAttribute("aria-valuetext"), "60 % lightness");
    const options = await page.locator(".config code").allInnerTexts();
    assert.deepEqual(
      options.toSorted(),
      [...Object.keys(smallConfig), "validateEvery", "sampleEvery"]
        .filter((name, index, all) => all.indexOf(name) === index).toSorted(),
    );
    await page.locator(".actions", { hasText: "Resume from" }).first().waitFor();
  });

  await step("dragging over a curve zooms, and the address keeps it; 0 resets", async () => {
    const over = await page.locator(".curve-l1 .u-over").boundingBox();
    assert(over);
    await page.mouse.move(over.x + over.width * 0.3, over.y + 40);
    await page.mouse.down();
    await page.mouse.move(over.x + over.width * 0.7, over.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/zoom=/);
    await page.keyboard.press("0");
    await page.waitForURL((url) => !url.hash.includes("zoom="));
  });

  await step("full screen has the photo, its map and the same photo over the steps", async () => {
    await page.keyboard.press("f");
    await page.locator(".over-steps button[aria-pressed=true]", { hasText: "step 6" }).waitFor();
    await page.locator(".over-steps button", { hasText: "step 12" }).click();
    await page.locator(".full strong", { hasText: "Step 12" }).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.keyboard.press("Escape");
    await page.locator(".full-photo").waitFor({ state: "detached" });
  });

  await step("a promoted checkpoint is a model", async () => {
    await page.getByRole("button", { name: "Promote" }).first().click();
    await page.getByLabel("Name of the model").fill("first");
    await page.locator("dialog button[type=submit]").click();
    await page.locator(".toast", { hasText: "first version 1" }).waitFor();
    await open("#/models");
    await page.locator(".tile", { hasText: jobId }).waitFor();
  });

  await step("a job's options become a sweep, with what is wrong beside its row", async () => {
    await open("#/new");
    await page.getByLabel("From a job…").selectOption(jobId);
    await page.getByText(`with the options of ${jobId}`).waitFor();
    await page.getByLabel("Labels, such as").fill("set=quick");
    await page.getByRole("button", { name: "As a sweep…" }).click();
    const dialog = page.locator("dialog[open]");
    await dialog.getByText("the form's labels are left out").waitFor();
    await dialog.getByRole("button", { name: "Grid" }).click();
    await dialog.getByLabel("Option 1").selectOption("gan_mode");
    const values = dialog.getByLabel("Values or range of ganMode");
    await values.fill("lsgan, vanila");
    await dialog.getByRole("button", { name: "Start the sweep" }).click();
    await dialog.getByText('ganMode has no "vanila"').waitFor();
    await values.fill("lsgan, vanilla");
    assert.deepEqual(await seriousFaults(page), []);
    await dialog.getByRole("button", { name: "Start the sweep" }).click();
    await page.waitForURL(/#\/compare\?sweep=/);
    await page.locator("main", { hasText: "2 trials" }).waitFor();
    const sweepId = new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("sweep");
    const answer = await fetch(`${base}/tinct.v1.SweepService/CancelSweep`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sweepId }),
    });
    assert.equal(answer.status, 200, await answer.text());
  });

  await step("a running job pauses by its key, and asks before it ends", async () => {
    const endless = await working.train(endlessConfig);
    await open(`#/jobs/${endless}`);
    await stateOf("RUNNING");
    await page.locator('.chart[aria-label^="Reconstruction"]').waitFor();
    await page.keyboard.press("p");
    await stateOf("PAUSED");
    await page.getByRole("button", { name: "Cancel…" }).click();
    const focus = await page.evaluate<string>("document.activeElement.textContent");
    assert.equal(focus, "Keep training");
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await stateOf("CANCELLED");
  });

  await step("a page that lost its server says so, and comes back by itself", async () => {
    await open("#/");
    await page.locator("tr", { hasText: jobId }).waitFor();
    await context.setOffline(true);
    await page.getByText("No word from the server since").waitFor();
    await context.setOffline(false);
    await page.locator(".lost-banner").waitFor({ state: "detached" });
    await page.getByText("Live", { exact: true }).waitFor();
  });

  const hashes = [
    "#/",
    "#/new",
    `#/jobs/${jobId}`,
    "#/colorize",
    "#/models",
    "#/datasets",
    "#/devices",
  ];
  await step("axe finds nothing serious on any page, light or dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const hash of hashes) {
        await open(hash);
        await page.locator("main h1").waitFor();
        assert.deepEqual(await seriousFaults(page), [], `${hash}, ${colorScheme}`);
      }
    }
  });

  await step("nothing scrolls sideways at 360 pixels", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const hash of hashes) {
      await open(hash);
      await page.locator("main h1").waitFor();
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert(width <= 360, `${hash} is ${width} pixels wide`);
    }
  });

  await step(
    "script in names stays text, nothing comes from elsewhere, nothing complains",
    async () => {
      assert.equal(await page.evaluate(() => "evil" in globalThis), false);
      const elsewhere = asked.filter((url) =>
        !url.startsWith(`${base}/`) && !url.startsWith("blob:")
      );
      assert.deepEqual(elsewhere.filter((url) => !url.startsWith("data:")), []);
      assert.deepEqual(complaints, []);
    },
  );
});

Deno.test("the pages' script takes at most 150 kB, gzipped, and is packed once", async () => {
  await using cache = await TemporaryFolder.create();
  const pages = await openPages(cache.path);
  const scripts = [...pages].filter(([path]) => path.endsWith(".js"));
  const bytes = scripts.reduce((sum, [, { gzip }]) => sum + (gzip?.byteLength ?? Infinity), 0);
  assert(bytes <= 150_000, `${bytes} bytes`);
  const html = new TextDecoder().decode(pages.get("/index.html")?.bytes);
  for (const [, path = ""] of html.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert(pages.has(path), `${path} is there`);
  }
  assert.doesNotMatch(html, /<script>|\sstyle=|\son\w+=/, "nothing that the policy forbids");
  const startMs = performance.now();
  const again = await openPages(cache.path);
  assert.deepEqual([...again.keys()].toSorted(), [...pages.keys()].toSorted());
  assert(performance.now() - startMs < 5000, "from the cache, without packing");
});
