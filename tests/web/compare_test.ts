import assert from "assert";
import { openPages } from "../../src/web_bundle/open_pages.ts";
import type { CreateSweepResponse__Output } from "../../src/protocol/generated/tinct/v1/create_sweep_response.ts";
import type { GetSweepResponse__Output } from "../../src/protocol/generated/tinct/v1/get_sweep_response.ts";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { until } from "../in_time.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { answer } from "../service/scene.ts";
import { openWorkingScene, watchUntil } from "../service/working_scene.ts";
import { endlessConfig, smallConfig } from "../service/workshop.ts";
import { browserTest, openBrowserPage, seriousFaults, showsCount } from "./browser_page.ts";

/** Script where a name belongs; shown, it is text. */
const evil = `<img src=x onerror="globalThis.evil=1">`;

/** A training of 12 steps, measured and drawn at 6 and 12. */
const twelve = { ...smallConfig, maxSteps: 12, validateEvery: 6, sampleEvery: 6 };

const rates = [1e-3, 5e-4, 1e-4];

browserTest("jobs and a sweep compared in a browser", async (step) => {
  await using cache = await TemporaryFolder.create();
  await using working = await openWorkingScene({ pages: await openPages(cache.path) });
  const { scene } = working;
  const base = scene.server.webUrl;
  await using opened = await openBrowserPage();
  const { page, context, complaints } = opened;
  const open = (hash: string) => page.goto(`${base}/${hash}`);
  const train = async (displayName: string, config: TrainingConfig) => {
    const { job } = await answer<TrainResponse__Output>((back) =>
      scene.colorization.train({ dataset: "scenes", displayName, config }, back)
    );
    return job?.jobId ?? "";
  };
  const jobOf = async (jobId: string) => {
    const { job } = await answer<GetTrainingJobResponse__Output>((back) =>
      scene.jobs.getTrainingJob({ jobId }, back)
    );
    assert(job);
    return job;
  };
  const curves = (title: string) => page.locator(`.chart[aria-label^="${title}:"]`);
  /** Waits until a chart's sentence goes on like this after its title. */
  const curvesSay = async (title: string, words: string) => {
    const chart = page.getByLabel(new RegExp(`^${title}: ${words}`));
    await chart.waitFor();
    return await chart.getAttribute("aria-label") ?? "";
  };
  const trialsShown = async () =>
    (await page.locator(".trials tbody tr td:first-child a").allInnerTexts()).map(Number);

  const narrow = await train("Narrow", twelve);
  const wide = await train(evil, { ...twelve, ngf: 6, lambdaL1: 50 });
  for (const jobId of [narrow, wide]) await watchUntil(scene, { jobId }, () => false);

  await step(
    "jobs ticked on the Jobs page are compared, by an address that names them",
    async () => {
      await open("#/");
      await page.getByLabel("Select Narrow").check();
      await page.keyboard.press("j");
      await page.getByLabel(`Select ${evil}`).check();
      await page.locator("tr.selected").nth(1).waitFor();
      await page.getByRole("link", { name: "Compare 2 jobs" }).waitFor();
      await page.keyboard.press("c");
      await page.waitForURL((url) => url.hash === `#/compare?jobs=${narrow},${wide}`);
    },
  );

  await step(
    "their curves lie over one another, with the numbers that the server has",
    async () => {
      await open(`#/compare?jobs=${narrow},${wide}&smooth=0`);
      const label = await curvesSay("loss_G_L1", ".*Narrow .*onerror.* \\d");
      for (const jobId of [narrow, wide]) {
        const { latestLosses } = await jobOf(jobId);
        // Histories have six significant digits, the sentence three.
        assert(label.includes(` ${latestLosses?.lossGL1?.toPrecision(3)}`), label);
      }
      const psnr = await curvesSay("PSNR dB", ".*Narrow .*onerror.* \\d");
      assert(
        psnr.includes(` ${(await jobOf(wide)).latestValidation?.psnrDb?.toPrecision(3)}`),
        psnr,
      );
      await page.getByLabel("Measure", { exact: true }).selectOption("deltaE2000");
      await curvesSay("ΔE2000", ".*Narrow \\d");
      await page.getByLabel("Loss or rate").selectOption("loss_d");
      await curvesSay("loss_D", ".*Narrow \\d");
      await page.waitForURL(/measure=deltaE2000.*loss=loss_d/);
    },
  );

  await step("pointing at a place tells of every job there, by step, epoch and time", async () => {
    const heads: string[] = [];
    for (const axis of ["Step", "Epoch", "Time"]) {
      await page.getByRole("button", { name: axis, exact: true }).click();
      const over = await curves("loss_D").locator(".u-over").boundingBox();
      assert(over);
      await page.mouse.move(over.x + over.width / 2 - 3, over.y + 50);
      await page.mouse.move(over.x + over.width / 2, over.y + 60);
      const tooltip = curves("loss_D").locator(".chart-tooltip:not([hidden])");
      await tooltip.waitFor();
      const rows = await tooltip.locator("div").count();
      // One of them may have run longer than the other.
      assert(axis === "Time" ? rows > 0 : rows === 2, `${axis}: ${rows}`);
      heads.push(await tooltip.locator("strong").innerText());
    }
    assert.match(heads[0] ?? "", /^[5-8]$/);
    // Six photos are trained on, two a step.
    assert.match(heads[1] ?? "", /^[12]\.\d$/);
    assert.match(heads[2] ?? "", / m?s$/);
  });

  await step("what differs in their options is a table, and the best measure is bold", async () => {
    const rows = page.locator(".differences tbody").first().locator("tr:has(td)");
    const cells = (row: number) => rows.nth(row).locator("td").allInnerTexts();
    assert.deepEqual(
      (await rows.locator("th").allInnerTexts()).toSorted(),
      ["lambdaL1", "ngf"],
    );
    assert.deepEqual([await cells(0), await cells(1)].toSorted(), [["100", "50"], ["4", "6"]]);
    const psnr = await Promise.all(
      [narrow, wide].map(async (id) => (await jobOf(id)).latestValidation?.psnrDb ?? 0),
    );
    assert.equal(
      await page.locator(".differences tr", { hasText: "PSNR" }).locator("b").innerText(),
      Math.max(...psnr).toFixed(2),
    );
    await page.getByRole("switch", { name: "differences only" }).uncheck();
    await until(async () => await rows.count() > 60, "all options are shown");
  });

  await step(
    "their probe photos stand below one another at the step that the slider says",
    async () => {
      const names = page.locator(".probe-name");
      /** The colorized pictures of both jobs, once they are drawn, as texts. */
      const drawn = async (text: string) => {
        await page.locator(".probe-name", { hasText: text }).nth(1).waitFor();
        const tiles = page.locator(".probe-photos .sheet-tile[aria-label^='Photo 1, ']");
        await showsCount(tiles, 4); // gray, both jobs', real
        return await page.evaluate<string[]>(
          `[...document.querySelectorAll(".probe-photos .sheet-tile[aria-label^='Photo 1, ']")]
          .map((tile) => tile.toDataURL())`,
        );
      };
      const before = await drawn("step 12");
      assert.equal(await names.first().innerText(), "Lightness");
      assert.equal(await names.last().innerText(), "Real");
      assert.equal(new Set(before).size, 4, "four different pictures");
      await page.getByLabel("At step").focus();
      await page.keyboard.press("ArrowLeft");
      await until(async () => {
        const [gray, one, other, real] = await drawn("step 6");
        return gray === before[0] && one !== before[1] && other !== before[2] && real === before[3];
      }, "both jobs' pictures of step 6, beside the same photo");
      await page.waitForURL(/sheet=6/);
      await page.getByRole("button", { name: "ΔE maps" }).click();
      await page.waitForURL(/probe=maps/);
      await until(async () => {
        const [, one] = await drawn("step 6");
        return one !== before[1];
      }, "maps of differences");
      await page.getByRole("button", { name: "Pictures" }).click();
    },
  );

  await step("a job without a sheet so far has no pictures at that step", async () => {
    const late = await train("Late", { ...twelve, sampleEvery: 12 });
    await watchUntil(scene, { jobId: late }, () => false);
    await open(`#/compare?jobs=${narrow},${late}`);
    const tiles = page.locator(".probe-photos .sheet-tile[aria-label^='Photo 1, ']");
    await showsCount(tiles, 4); // gray, both jobs', real
    await page.getByLabel("At step").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".probe-name", { hasText: "no sheet so far" }).waitFor();
    await showsCount(tiles, 3);
  });

  await step("a job that runs goes on live, also after its server was lost", async () => {
    const endless = await train("Endless", endlessConfig);
    // Jobs that wait have streams as well: with these the streams must take turns.
    const waiting = [
      await train("Waiting 1", endlessConfig),
      await train("Waiting 2", endlessConfig),
      await train("Waiting 3", endlessConfig),
    ];
    await open("#/devices");
    await page.locator(".facts a", { hasText: "Endless" }).waitFor();
    await showsCount(page.locator(".queue li"), 3);
    const others = [narrow, ...waiting];
    await open(`#/compare?jobs=${others}`);
    await page.getByLabel("Add a job").focus(); // which asks for jobs that are new
    await page.getByLabel("Add a job").selectOption(endless);
    await page.waitForURL((url) => url.hash.includes(`jobs=${[...others, endless].join("%2C")}`));
    const cell = page.locator(".differences tr", { hasText: "Step" }).last().locator("td").last();
    const goesOn = async (more: number) => {
      const number = async () => Number((await cell.innerText()).replace(/\D/g, ""));
      const before = await number();
      while (await number() < before + more) {
        await cell.filter({ hasNotText: new RegExp(`^${await cell.innerText()}$`) }).waitFor();
      }
    };
    await goesOn(5);
    await context.setOffline(true);
    await page.getByText("No word from the server since").waitFor();
    await context.setOffline(false);
    await page.locator(".lost-banner").waitFor({ state: "detached" });
    await goesOn(5);
    await page.getByRole("button", { name: "Remove Endless" }).click();
    await page.waitForURL((url) => url.hash === `#/compare?jobs=${others.join("%2C")}`);
    for (const jobId of [...waiting, endless]) {
      await answer((back) => scene.jobs.cancelTrainingJob({ jobId }, back));
    }
    await page.locator(".job-chip .state-cancelled").nth(2).waitFor();
  });

  const created = await answer<CreateSweepResponse__Output>((back) =>
    scene.sweeps.createSweep({
      displayName: "Rates",
      spec: {
        dataset: "scenes",
        config: smallConfig,
        method: "SWEEP_METHOD_GRID",
        parameters: [
          { option: "lr_g", values: { values: rates.map((number) => ({ number })) } },
          { option: "gan_mode", values: { values: [{ word: "vanilla" }, { word: "lsgan" }] } },
        ],
      },
    }, back)
  );
  const sweepId = created.sweep?.sweepId ?? "";
  const watched = scene.sweeps.watchSweep({ sweepId });
  for await (const _ of receive(watched)) { /* until it is over */ }
  const { sweep } = await answer<GetSweepResponse__Output>((back) =>
    scene.sweeps.getSweep({ sweepId }, back)
  );
  assert(sweep);
  const all = sweep.trials.map(({ trial, values, metricValue }) => ({
    trial,
    rate: values["lr_g"]?.number ?? 0,
    mode: values["gan_mode"]?.word ?? "",
    psnr: metricValue ?? 0,
  }));
  const bestFirst = (trials: typeof all) =>
    trials.toSorted((a, b) => b.psnr - a.psnr).map(({ trial }) => trial);
  /** Waits until the table has these trials in this order. */
  const tableHas = async (trials: readonly number[]) => {
    for (const [at, trial] of trials.entries()) {
      await page.locator(".trials tbody tr").nth(at)
        .locator("td:first-child a", { hasText: new RegExp(`^${trial}$`) }).waitFor();
    }
    assert.deepEqual(await trialsShown(), trials);
  };

  await step("a sweep is a table, the best first, and sorts by any column", async () => {
    await open("#/compare");
    await page.getByLabel("Sweep", { exact: true }).selectOption(sweepId);
    await tableHas(bestFirst(all));
    const best = page.locator(".trials tr.selected");
    assert.equal(await best.locator("td:first-child a").innerText(), String(sweep.bestTrial));
    assert.match(await best.innerText(), /best/);
    await page.locator(".trials th", { hasText: "lrG" }).getByRole("button").click();
    await tableHas(
      all.toSorted((a, b) => a.rate - b.rate || b.psnr - a.psnr).map(({ trial }) => trial),
    );
    assert.equal(
      await page.locator(".trials th", { hasText: "lrG" }).getAttribute("aria-sort"),
      "ascending",
    );
    await curvesSay("loss_G_L1", "newest (?:trial \\d \\d.*){6}");
  });

  await step("a brush by keyboard leaves the trials in it, in table and curves", async () => {
    const kept = all.filter(({ rate }) => rate > Math.min(...rates));
    const lower = page.getByLabel("lrG: from");
    await lower.focus();
    await page.keyboard.press("ArrowUp");
    await page.locator('[aria-label="lrG: from"][aria-valuenow="1"]').waitFor();
    await page.locator("[role=status]", { hasText: "4 of 6 trials in the brush" }).waitFor();
    assert.deepEqual((await trialsShown()).toSorted(), kept.map(({ trial }) => trial).toSorted());
    const upper = page.getByLabel("ganMode: up to");
    await upper.focus();
    await page.keyboard.press("ArrowDown");
    const lsgan = kept.filter(({ mode }) => mode === "lsgan").map(({ trial }) => trial);
    await page.locator("[role=status]", { hasText: "2 of 6 trials in the brush" }).waitFor();
    assert.deepEqual((await trialsShown()).toSorted(), lsgan.toSorted());
    const label = await curvesSay("loss_G_L1", "[^,]*,[^,]*$");
    assert.deepEqual(
      [...label.matchAll(/trial (\d+)/g)].map(([, trial]) => Number(trial)).toSorted(),
      lsgan.toSorted(),
    );
    await page.reload();
    await page.locator("[role=status]", { hasText: "2 of 6 trials in the brush" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.hash.includes("brush="));
    await page.locator(".trials tbody tr").nth(5).waitFor();
  });

  await step("a brush by mouse leaves exactly the trials whose values lie in it", async () => {
    const axis = page.locator('.axis-hit[data-axis="psnr_db"]');
    await axis.scrollIntoViewIfNeeded();
    const box = await axis.boundingBox();
    assert(box);
    const values = all.map(({ psnr }) => psnr);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const x = box.x + box.width / 2;
    await page.mouse.move(x, box.y + 1);
    await page.mouse.down();
    await page.mouse.move(x, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/brush=psnr_db/);
    const brush = new URLSearchParams(page.url().replace(/^.*\?/, "")).get("brush") ?? "";
    const [, low = NaN, high = NaN] = brush.split("~").map(Number);
    // The middle of the axis, to two pixels of it.
    const pixel = (most - least) / box.height;
    assert(Math.abs(low - (least + most) / 2) < 2 * pixel, `${brush} of ${least} to ${most}`);
    assert.equal(high, most, "which is meant near the end");
    const kept = all.filter(({ psnr }) => psnr >= low && psnr <= high);
    assert(kept.length < 6);
    await page.locator("[role=status]", { hasText: `${kept.length} of 6 trials` }).waitFor();
    assert.deepEqual(
      (await trialsShown()).toSorted(),
      kept.map(({ trial }) => trial).toSorted(),
    );
    await page.getByRole("button", { name: "Clear brush" }).click();
    await page.waitForURL((url) => !url.hash.includes("brush="));
  });

  const whole = `#/compare?jobs=${narrow},${wide}&sweep=${sweepId}`;
  await step("axe finds nothing serious, light or dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const hash of [whole, "#/compare", "#/"]) {
        await open(hash);
        await page.locator("main h1").waitFor();
        if (hash === whole) await page.locator(".trials tbody tr").first().waitFor();
        assert.deepEqual(await seriousFaults(page), [], `${hash}, ${colorScheme}`);
      }
    }
  });

  await step("nothing scrolls sideways at 360 pixels, and nothing complains", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const hash of [whole, "#/compare", "#/"]) {
      await open(hash);
      await page.locator("main h1").waitFor();
      if (hash === whole) await page.locator(".trials tbody tr").first().waitFor();
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert(width <= 360, `${hash} is ${width} pixels wide`);
    }
    assert.equal(await page.evaluate(() => "evil" in globalThis), false);
    assert.deepEqual(complaints, []);
  });
});
