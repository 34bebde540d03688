import assert from "assert";
import { readFile, writeFile } from "node:fs/promises";
import { TinctError } from "../../src/errors.ts";
import { readEnvironment } from "../../src/config.ts";
import {
  knownSpeeds,
  speedsPath,
  type WhenToMeasure,
} from "../../src/local_training/step_speeds.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const machine = {
  processor: { model: "Processor", avx: true, bfloat16: ["avx512_bf16"] },
  threads: 2,
  library: {
    folder: "/library",
    ccPath: "/library/cc",
    frameworkPath: "/library/framework",
    version: "2.21.0",
    variant: "cpu",
    source: "cache",
    loadedVersion: "2.21.0",
  },
} as const;

/** A cache folder, and how often something was measured for it. */
async function scene() {
  const folder = await TemporaryFolder.create();
  const cacheFolder = folder.join("cache");
  const context = {
    environment: { ...readEnvironment(), cacheFolder },
    signal: new AbortController().signal,
    commands: [],
    debug: false,
  };
  let count = 0;
  const ask = async (when: WhenToMeasure, ms: [number, number] = [700, 300], of = machine) => {
    const before = count;
    const { speeds, notes } = await knownSpeeds(context, of, when, () => {
      count++;
      return Promise.resolve({ float32Ms: ms[0], bfloat16Ms: ms[1] });
    });
    return { speeds, notes, measured: count - before };
  };
  return { ask, context, cacheFolder, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

Deno.test("a step's speeds are measured once for a processor, its threads and its library", async () => {
  await using at = await scene();
  const first = await at.ask("once");
  assert.deepEqual([first.measured, first.speeds?.bfloat16Ms, first.notes], [1, 300, []]);
  assert.deepEqual(await at.ask("once", [1, 2]), { ...first, measured: 0 });
  assert.deepEqual(await at.ask("never", [1, 2]), { ...first, measured: 0 });
  const other: typeof machine = { ...machine, threads: 4 as 2 };
  assert.equal((await at.ask("never", [1, 2], other)).speeds, undefined);
  assert.equal((await at.ask("once", [1, 2], other)).speeds?.float32Ms, 1);
  const anew = await at.ask("anew", [800, 300]);
  assert.deepEqual([anew.measured, anew.speeds?.float32Ms], [1, 800]);
});

Deno.test("bfloat16 is the fastest where it saves a tenth of the time", async () => {
  await using at = await scene();
  for (const [ms, fastest] of [[90, "bfloat16"], [91, "float32"], [900, "float32"]] as const) {
    assert.equal((await at.ask("anew", [100, ms])).speeds?.fastest, fastest, `${ms}`);
  }
});

Deno.test("speeds that nobody can read are measured again", async () => {
  await using at = await scene();
  await at.ask("once");
  const path = speedsPath(at.cacheFolder);
  const text = await readFile(path, "utf8");
  for (const damaged of ["{", "[]", text.replace("300", "-3"), text.replace("300", '"x"')]) {
    await writeFile(path, damaged);
    assert.equal((await at.ask("once")).measured, 1, damaged);
    assert.equal(await readFile(path, "utf8").then((each) => each.includes("300")), true);
  }
});

Deno.test("where no step can be measured a note says why, and an interruption is one", async () => {
  await using at = await scene();
  const failing = (code: "resource_exhausted" | "cancelled") =>
    knownSpeeds(at.context, machine, "once", () => {
      throw new TinctError(code, "it takes 3 GB.");
    });
  assert.deepEqual(await failing("resource_exhausted"), {
    speeds: undefined,
    notes: ["No step was measured: it takes 3 GB."],
  });
  await assert.rejects(() => failing("cancelled"), TinctError);
  await writeFile(at.cacheFolder, "no folder");
  const { speeds, notes } = await at.ask("once");
  assert.equal(speeds?.fastest, "bfloat16");
  assert.match(notes.join(), /^What was measured is not kept: /);
});

Deno.test("without a library nothing is measured", async () => {
  await using at = await scene();
  const none = { ...machine, library: undefined };
  const measure = () => Promise.reject(new Error("measured"));
  assert.deepEqual(await knownSpeeds(at.context, none, "once", measure), {
    speeds: undefined,
    notes: [],
  });
});
