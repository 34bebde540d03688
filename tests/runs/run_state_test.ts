import assert from "assert";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { BestMeasure } from "../../src/runs/best_measure.ts";
import { LossMeters } from "../../src/training/meters.ts";
import { restoreParts, saveParts } from "../../src/runs/run_part.ts";
import { decodeRunState, encodeRunState } from "../../src/runs/run_state.ts";
import { lossNames } from "../../src/training/step.ts";
import { failsWith } from "../checkpoints/small_run.ts";

const config = parseTrainingConfig({});
const cursor = { epoch: 2, offset: 8 };

Deno.test("a run's state comes back from JSON, its parts through the parts themselves", () => {
  const best = new BestMeasure("higher");
  assert.deepEqual([21, 20, 21, 22].map((value) => best.judge(value)), [true, false, false, true]);
  const state = { config, step: 7, cursor, dataKey: "key", pending: true };
  const written = JSON.stringify(encodeRunState({ ...state, parts: saveParts({ best }) }));
  const { parts, ...others } = decodeRunState(JSON.parse(written), "a test");
  assert.deepEqual(others, state);
  const restored = new BestMeasure("higher");
  restoreParts(
    { best: restored, later: { save: () => ({}), restore: () => assert.fail() } },
    parts,
  );
  assert.equal(restored.judge(21.5), false);
  assert.equal(restored.judge(22.5), true);
});

Deno.test("a checkpoint of version 0.1.0 gives its meters and its best PSNR", () => {
  const known = lossNames.slice(0, 6); // those that there were
  const saved = Object.fromEntries(known.map((name, index) => [name, [2 * index, 2]]));
  const state = { config, step: 7, cursor, dataKey: "key", meters: saved, bestPsnr: 20 };
  const { parts } = decodeRunState(JSON.parse(JSON.stringify(state)), "a test");
  const [meters, best] = [new LossMeters(), new BestMeasure("higher")];
  restoreParts({ meters, best }, parts);
  const means = meters.means();
  assert.deepEqual(Object.entries(means), known.map((name, index) => [name, index]));
  assert.equal(best.judge(19.9), false);
});

Deno.test("a part that was damaged is named", () => {
  const state = { config, step: 7, cursor, dataKey: "key", parts: { best: { value: "high" } } };
  const { parts } = decodeRunState(JSON.parse(JSON.stringify(state)), "a file");
  assert.throws(
    () => restoreParts({ best: new BestMeasure("higher") }, parts),
    failsWith("data_loss", /^a file: state\.parts\.best\.value is "high", where a number/),
  );
});
