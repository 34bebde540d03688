import assert from "assert";
import { parseTrainingConfig } from "../../../src/config/training.ts";
import { measurePrecisions } from "../../../src/training/resources/measure_precisions.ts";
import { engineTest } from "../../engine/test_engine.ts";

const config = parseTrainingConfig({ size: 64, nDown: 5, ngf: 4, ndf: 4 });

engineTest(
  "measurePrecisions() times steps in both precisions and leaves nothing",
  async (engine) => {
    const { float32Ms, bfloat16Ms } = await measurePrecisions(engine, config, { maxMs: 0 });
    assert.ok(float32Ms > 0, `${float32Ms}`);
    assert.ok(bfloat16Ms > 0, `${bfloat16Ms}`);
  },
);

engineTest("measurePrecisions() ends with the signal's reason", async (engine) => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(() => measurePrecisions(engine, config, { signal }), reason);
});
