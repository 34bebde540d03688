import assert from "assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readMetrics } from "../../src/runs/metrics_log.ts";
import { engineTest } from "../engine/test_engine.ts";
import { installTensorBoard, type TensorBoardView } from "../tensorboard/tensorboard_python.ts";
import { abortAt, SmallTraining } from "./small_training.ts";

const given = {
  validationFraction: 0.5,
  maxSteps: 14,
  logEvery: 4,
  validateEvery: 5,
  sampleEvery: 10,
  checkpointEvery: 7,
};

/** The tags of a line's numbers. */
function tagsOf(kind: unknown, name: string): string {
  const apart = { lrG: "rates", lrD: "rates", imagesPerSecond: "speed", epoch: "progress" };
  return `${apart[name as keyof typeof apart] ?? kind}/${name}`;
}

/** What metrics.jsonl has, as TensorBoard should have it: by tag, float32. */
async function expectedScalars(run: string): Promise<TensorBoardView["scalars"]> {
  const scalars: Record<string, [number, number][]> = {};
  for (const { step, kind, ...rest } of await readMetrics(run)) {
    if (kind === "health") continue;
    for (const [name, value] of Object.entries(rest)) {
      if (typeof value !== "number") continue;
      (scalars[tagsOf(kind, name)] ??= []).push([step, Math.fround(value)]);
    }
  }
  return scalars;
}

engineTest(
  "the real TensorBoard reads a run's numbers, sheets and options, without repeated steps after it was resumed",
  async (engine, t) => {
    await using training = await SmallTraining.create({ count: 24 });
    const found = await installTensorBoard();
    if ("missing" in found) {
      const name = `no Python with TensorBoard: ${found.missing}`;
      await t.step({ name, ignore: true, fn: () => {} });
      return;
    }
    // Stopped after 5 steps, where a validation is due; then killed, so to say: the checkpoint of step
    // 10 goes, and what came after step 7 is done once more.
    const stopped = abortAt((event) => event.kind === "step" && event.step === 5);
    await training.train(engine, "run", { given, ...stopped });
    const second = await training.train(engine, "run", { resume: true, given: { maxSteps: 10 } });
    await Deno.remove(second.outcome.checkpoint, { recursive: true });
    await training.train(engine, "run", { resume: true, given: { maxSteps: 14 } });

    const run = training.path("run");
    const view = await found.read(run);
    const expected = await expectedScalars(run);
    assert.deepEqual(view.scalars, expected);
    assert.deepEqual(view.scalars["losses/loss_G_L1"]?.map(([step]) => step), [4, 8, 12]);
    assert.deepEqual(view.scalars["validation/psnr"]?.map(([step]) => step), [5, 7, 10, 14]);
    for (const tag of ["losses/loss_D", "rates/lrG", "speed/imagesPerSecond", "probe/psnr"]) {
      assert.ok(view.scalars[tag], `${tag} is missing`);
    }

    const health = (await readMetrics(run)).filter(({ kind }) => kind === "health");
    const told = health.map(({ step, check, what }) => [step, `health/${check}: ${what} (warn)`]);
    const texts = Object.entries(view.texts).flatMap(([tag, texts]) =>
      tag === "configuration" ? [] : texts.map(([step, text]) => [step, `${tag}: ${text}`])
    );
    assert.deepEqual(texts, told);

    const sheets = view.images["samples/sheet"] ?? [];
    assert.deepEqual(sheets.map(([step]) => step), [10, 14]);
    for (const [step, width, height, format, size] of sheets) {
      const file = join(run, "samples", `step-${String(step).padStart(8, "0")}.png`);
      const png = new DataView((await readFile(file)).buffer);
      assert.deepEqual([width, height], [png.getUint32(16), png.getUint32(20)]);
      assert.deepEqual([format, size], ["PNG", [width, height]]);
    }

    const config = JSON.parse(await readFile(join(run, "config.json"), "utf8"));
    assert.deepEqual(view.hyperparameters, config);
    const [[, table = ""] = []] = view.texts["configuration"] ?? [];
    assert.match(table, /\| maxSteps \| 14 \|/);
  },
);
