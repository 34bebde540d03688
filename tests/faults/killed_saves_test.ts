import assert from "assert";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { until } from "../in_time.ts";
import {
  changesOf,
  type Event,
  openWorkingScene,
  stepsBefore,
  watchUntil,
} from "../service/working_scene.ts";
import { endlessConfig } from "../service/workshop.ts";
import { writeDyingMap } from "./dying_map.ts";
import { pointsOf } from "./durable_points.ts";
import { lossesOf } from "./losses_of.ts";

const maxSteps = 20;
const config = {
  ...endlessConfig,
  ...{ maxSteps, logEvery: 1, checkpointEvery: 1, keepCheckpoints: 1, seed: 5 },
  // Without a best one, each save removes the checkpoint before.
  validationFraction: 0,
};

/** Far more workers than a save has steps. */
const limits = { maxLostWorkers: 100 };

/**
 * Writes a program that starts Deno, with the stand-ins, in its own place: the first worker dies at
 * the first point of its first save, the second at the second, and so on until one has no such point.
 *
 * @param lists a folder for a list of each worker's points, named after the worker's number.
 */
async function writeDyingDeno(path: string, map: string, lists: string): Promise<void> {
  const script = `#!/bin/sh
number=$(($(ls '${lists}' | wc -l) + 1))
export DYING_LIST='${lists}'/$number DYING_POINT=$number DYING_PLACE=/checkpoints DYING_REPEATS=2
run=$1
shift
exec '${process.execPath}' "$run" --no-check --import-map='${map}' \\
  --allow-read='${lists}' --allow-write='${lists}' "$@"
`;
  await writeFile(path, script, { mode: 0o700 });
}

/** The steps that were done before each of a job's workers began, by its number from 1. */
function beginningsOf(events: readonly Event[]): Map<number, number> {
  const beginnings = new Map<number, number>();
  for (const event of events) {
    if (event.event !== "losses" || beginnings.has(event.attempt)) continue;
    beginnings.set(event.attempt, stepsBefore(event));
  }
  return beginnings;
}

Deno.test("workers killed at every step of saving, one after the other: losses and weights as if never killed", async () => {
  await using scratch = await TemporaryFolder.create();
  const folder = scratch.join("lists");
  await mkdir(folder);
  await writeDyingMap(scratch.join("map.json"), "dying_saves.ts");
  await writeDyingDeno(scratch.join("deno"), scratch.join("map.json"), folder);
  await using working = await openWorkingScene({ limits });
  const { scene } = working;
  const undisturbed = await working.train(config);
  await watchUntil(scene, { jobId: undisturbed }, () => false);

  const { execPath } = process;
  process.execPath = scratch.join("deno"); // by which workers are started
  try {
    const disturbed = await working.train(config);
    const events = await watchUntil(scene, { jobId: disturbed }, () => false);

    const numbers = (await readdir(folder)).map(Number).sort((a, b) => a - b);
    const lists = await Promise.all(
      numbers.map(async (number) => (await pointsOf(join(folder, `${number}`))).map(ofAnyStep)),
    );
    const whole = lists.pop() ?? []; // of the one that passed all points
    const shown = whole.indexOf("rename .tinct-tmp-… step-N") + 1;
    assert.ok(shown > 20, whole.join("\n"));
    assert.deepEqual(
      lists.slice(0, shown),
      whole.slice(0, shown).map((_, index) => whole.slice(0, index + 1)),
    );
    // From there on it depends on how many old ones the workers before have left.
    const last = new Set(lists.map((points) => points.at(-1)));
    assert.deepEqual(last, new Set(lists.flat()), "each point has killed somebody");
    assert.ok(last.has("rm .tinct-tmp-…"));

    assert.deepEqual(changesOf(events), [
      "UNSPECIFIED→QUEUED by SUBMITTED",
      "QUEUED→RUNNING by STARTED",
      ...Array<string>(lists.length).fill("RUNNING→RUNNING by WORKER_LOST"),
      "RUNNING→SUCCEEDED by SUCCEEDED",
    ]);
    const signals = new Set(events.flatMap(({ state }) => state?.signal || []));
    assert.deepEqual([...signals], ["SIGKILL"]);
    // Each worker dies in its first save, and what it had shown by then the next one begins from.
    const beginnings = beginningsOf(events);
    assert.ok(beginnings.size > lists.length / 2, "most of them told of a step before they died");
    for (const [worker, steps] of beginnings) {
      assert.equal(steps, Math.max(0, worker - 1 - shown), `worker ${worker}`);
    }

    const [left, expected] = [disturbed, undisturbed].map((jobId) => scene.join("jobs", jobId)) as [
      string,
      string,
    ];
    assert.deepEqual(await lossesOf(left), await lossesOf(expected), "to the last bit");
    const weights = (run: string) =>
      readFile(
        `${run}/checkpoints/step-${String(maxSteps).padStart(8, "0")}/generator.safetensors`,
      );
    assert.ok((await weights(left)).equals(await weights(expected)));
    // The photos that a job has kept go once it is over.
    for (const each of [left, expected]) {
      await until(async () => !(await filesOf(each)).has("prepared"), `${each} is tidied`);
    }
    assert.deepEqual(await filesOf(left), await filesOf(expected), "nothing is left over");
    const recorded = await scene.store.events.checkpoints(disturbed);
    assert.deepEqual(recorded.map(({ step }) => step), [maxSteps]);
  } finally {
    process.execPath = execPath;
  }
});

function ofAnyStep(point: string): string {
  return point.replaceAll(/step-\d+/g, "step-N");
}

/** TensorBoard's files count as one, since each worker that goes on from a step begins another. */
async function filesOf(folder: string): Promise<Set<string>> {
  const names = await readdir(folder, { recursive: true });
  return new Set(names.map((name) => name.replace(/tfevents\.\d+/, "tfevents.N")).sort());
}
