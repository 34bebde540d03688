import assert from "assert";
import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { openRun } from "../../src/runs/run.ts";
import { encodeRunState } from "../../src/runs/run_state.ts";
import { failsWith, floats } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** Opens a run as the command line does. */
function open(
  folder: string,
  { given = {}, resume = false, warnings = [] }: {
    given?: Record<string, unknown>;
    resume?: boolean;
    warnings?: string[];
  } = {},
) {
  const onWarning = ({ message }: Error) => void warnings.push(message);
  return openRun(folder, { given, resume, programVersion: "test", onWarning });
}

/** Makes a run with checkpoints of these steps, with weights of one number. */
async function makeRun(folder: string, steps: readonly number[]): Promise<void> {
  using run = await open(folder, { given: { ngf: 8, maxSteps: 50 } });
  for (const step of steps) {
    const cursor = { epoch: 0, offset: 0 };
    await run.store.save({
      step,
      tensors: { "generator.safetensors": [floats("weight", [1], [step])] },
      state: encodeRunState({
        config: run.config,
        step,
        cursor,
        dataKey: "photos",
        pending: false,
        parts: {},
      }),
    });
  }
}

Deno.test("openRun() makes the folder and records the whole configuration", async () => {
  await using folder = await TemporaryFolder.create();
  using run = await open(folder.join("a", "b"), { given: { ngf: 8 } });
  assert.deepEqual(run.config, parseTrainingConfig({ ngf: 8 }));
  const recorded = JSON.parse(await readFile(folder.join("a", "b", "config.json"), "utf8"));
  assert.deepEqual(recorded, run.config);
});

Deno.test("openRun() resumes with the run's own settings, but for how long and what is seen", async () => {
  await using folder = await TemporaryFolder.create();
  await makeRun(folder.path, [10]);
  using run = await open(folder.path, { resume: true, given: { maxSteps: 80, ngf: 8 } });
  assert.deepEqual(run.config, parseTrainingConfig({ ngf: 8, maxSteps: 80 }));
});

Deno.test("openRun() lets one process at a time into a run", async () => {
  await using folder = await TemporaryFolder.create();
  {
    using _run = await open(folder.path);
    await assert.rejects(
      open(folder.path),
      failsWith("failed_precondition", /^Another process is training in .*wait for it, stop it/),
    );
  }
  using _run = await open(folder.path);
});

Deno.test("openRun() removes what a killed process left half written", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("samples"));
  const dead = 2 ** 22 + 1; // above the largest process id of Linux
  await writeFile(folder.join(`.losses.png.tmp-${dead}-00000000`), "half");
  await writeFile(folder.join("samples", `.step-00000001.png.tmp-${dead}-00000000`), "half");
  using _run = await open(folder.path);
  assert.deepEqual((await readdir(folder.path)).toSorted(), [
    ".lock",
    "checkpoints",
    "config.json",
    "samples",
  ]);
  assert.deepEqual(await readdir(folder.join("samples")), []);
});

/** What a refusal may not change. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(file, "hex")])),
  );
}

const refusals = [
  {
    what: "to start over a run",
    options: {},
    says: failsWith("already_exists", /holds a run that is at step 20: continue it .*--resume/),
  },
  {
    what: "to start over a run whose checkpoints are all damaged",
    damage: async (folder: string) => {
      for (const step of ["10", "20"]) {
        await truncate(join(folder, `checkpoints/step-000000${step}/checkpoint.json`), 30);
      }
    },
    options: {},
    says: failsWith("already_exists", /holds a run that is at step 20/),
  },
  {
    what: "to resume a run whose checkpoints are all damaged",
    damage: async (folder: string) => {
      for (const step of ["10", "20"]) {
        await truncate(join(folder, `checkpoints/step-000000${step}/generator.safetensors`), 30);
      }
    },
    options: { resume: true },
    says: failsWith("data_loss", /holds no sound checkpoint .*step-00000020\/generator.*30 bytes/),
  },
  {
    what: "to resume where there is no checkpoint",
    damage: async (folder: string) => {
      await rm(join(folder, "checkpoints"), { recursive: true });
    },
    options: { resume: true },
    says: failsWith("not_found", /holds no checkpoint to resume from: leave out --resume/),
  },
  {
    what: "to resume with another network",
    options: { resume: true, given: { ngf: 16, lrG: 0.1, maxSteps: 90 } },
    says: failsWith(
      "invalid_argument",
      /ngf was 8 when the run began and cannot become 16; lrG was 0.0002 .* cannot become 0.1/,
    ),
  },
  {
    what: "to resume with a value out of range",
    options: { resume: true, given: { maxSteps: -1 } },
    says: failsWith("invalid_argument", /maxSteps must be from 0/),
  },
];

for (const { what, damage, options, says } of refusals) {
  Deno.test(`openRun() refuses ${what}, and changes nothing`, async () => {
    await using folder = await TemporaryFolder.create();
    await makeRun(folder.path, [10, 20]);
    await damage?.(folder.path);
    const before = await contents(folder.path);
    await assert.rejects(open(folder.path, options), says);
    assert.deepEqual(await contents(folder.path), before);
  });
}
