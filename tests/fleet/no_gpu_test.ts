import assert from "assert";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { TinctError } from "../../src/errors.ts";
import { changes, readPhoto, smallConfig, Workshop } from "../service/workshop.ts";

/** A card that there is not; where there are real ones, its name hides them. */
const absent = {
  name: "gpu:0",
  kind: "gpu",
  description: "a card that was taken out",
  memoryBytes: 0,
  cudaNames: { "gpu:0": "GPU-00000000-not-there" },
} as const;

const refusal = /^A GPU was requested, but none can be used: /;
const isRefusal = (error: unknown) =>
  error instanceof TinctError && error.code === "failed_precondition" &&
  refusal.test(error.message);

Deno.test("workers that find no GPU refuse and say why, whatever they are for", async (t) => {
  await using workshop = await Workshop.open();
  await workshop.submit("job");
  await workshop.history("job");
  await workshop.close();
  const again = await Workshop.open({}, workshop.folder, {
    devices: [absent],
    colorizeDevice: "gpu:0",
  });
  try {
    await t.step("training", async () => {
      await again.submit("second");
      const history = await again.history("second");
      assert.deepEqual(changes(history).at(-1), "RUNNING→FAILED by failed");
      assert.ok(history.every(({ kind }) => kind !== "losses"), "nothing was trained elsewhere");
      const { failure } = await again.store.jobs.get("second");
      assert.equal(failure?.code, "failed_precondition");
      assert.match(failure?.message ?? "", refusal);
    });
    await t.step("measuring", async () => {
      const config = parseTrainingConfig(smallConfig);
      await assert.rejects(again.workbench.measure({ config, photos: 8 }), isRefusal);
    });
    await t.step("colorizing", async () => {
      const cat = await readPhoto("cat.jpg");
      await assert.rejects(again.colorizing.colorize(cat, { model: { jobId: "job" } }), isRefusal);
    });
  } finally {
    await again.close();
  }
});
